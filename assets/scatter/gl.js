// Drawing: one WebGL2 program that paints points from float32 positions and either category codes or values.
const VERTEX = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in float x;
layout(location = 1) in float y;
layout(location = 2) in uint code;
layout(location = 3) in float value;
layout(location = 4) in uint chosen;
uniform vec2 scale;
uniform vec2 offset;
uniform float size;
uniform int pass;
uniform int numeric;
uniform vec2 limits;
uniform float weak;
uniform vec3 panel;
uniform highp sampler2D palette;
flat out vec4 fill;
flat out vec4 rim;
flat out float radius;
void main() {
  bool culled = (pass == 1 && chosen != 0u) || (pass == 2 && chosen == 0u);
  float t = clamp((value - limits.x) / max(limits.y - limits.x, 1e-12), 0.0, 1.0);
  int column = numeric == 1 ? int(t * 255.0) : int(code) % 1024;
  int row = numeric == 1 ? 0 : 2 * (int(code) / 1024);
  fill = texelFetch(palette, ivec2(column, row), 0);
  rim = numeric == 1 ? fill : texelFetch(palette, ivec2(column, row + 1), 0);
  if (culled || fill.a == 0.0 || isnan(x) || isnan(y)) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 1.0;
    return;
  }
  // faded by colour, not by transparency, or a crowd of faded points would add up to full strength
  float strength = pass == 1 ? weak : 1.0;
  fill.rgb = mix(panel, fill.rgb, strength);
  rim.rgb = mix(panel, rim.rgb, strength);
  radius = size;
  gl_Position = vec4(vec2(x, y) * scale + offset, 0.0, 1.0);
  gl_PointSize = size;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 fill;
flat in vec4 rim;
flat in float radius;
out vec4 colour;
void main() {
  float d = length(gl_PointCoord - 0.5) * radius;
  float edge = radius > 2.5 ? 1.0 - smoothstep(0.5 * radius - 1.0, 0.5 * radius, d) : 1.0;
  if (edge <= 0.0) discard;
  vec4 c = d > 0.5 * radius - 1.5 && radius > 4.0 ? rim : fill;
  colour = vec4(c.rgb * c.a, c.a) * edge;
}`;

class Painter {
  constructor(canvas) {
    this.gl = canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: true });
    if (!this.gl) throw new Error("This browser offers no WebGL2, which the picture needs. Switch on hardware acceleration.");
    this.program = this.link(VERTEX, FRAGMENT);
    this.buffers = {};
    this.array = this.gl.createVertexArray();
    this.texture = this.gl.createTexture();
    this.places = new Map();
    this.n = 0;
  }

  link(vertex, fragment) {
    const gl = this.gl;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost())
        throw new Error(`The picture's shader was refused: ${gl.getShaderInfoLog(shader)}`);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
      throw new Error(`The picture's shaders do not fit together: ${gl.getProgramInfoLog(program)}`);
    return program;
  }

  place(name) {
    if (!this.places.has(name)) this.places.set(name, this.gl.getUniformLocation(this.program, name));
    return this.places.get(name);
  }

  attribute(location, values) {
    const gl = this.gl;
    gl.bindVertexArray(this.array);
    if (!values) {
      gl.disableVertexAttribArray(location);
      if (location === 3) gl.vertexAttrib1f(location, 0);
      else gl.vertexAttribI4ui(location, 0, 0, 0, 0);
      return;
    }
    this.buffers[location] ??= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[location]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(location);
    if (values instanceof Float32Array) gl.vertexAttribPointer(location, 1, gl.FLOAT, false, 0, 0);
    else {
      const kind = values instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE;
      gl.vertexAttribIPointer(location, 1, kind, 0, 0);
    }
  }

  points(x, y, codes, values) {
    this.n = x.length;
    [x, y, codes, values].forEach((column, location) => this.attribute(location, column));
    this.choose(null);
  }

  choose(mask) {
    this.masked = Boolean(mask);
    this.attribute(4, mask);
  }

  colours(fill, rim) {
    const gl = this.gl;
    const rows = Math.max(1, Math.ceil(fill.length / 1024));
    const pixels = new Uint8Array(1024 * rows * 2 * 4);
    fill.forEach((colour, index) => {
      const at = 4 * ((index % 1024) + 1024 * 2 * Math.floor(index / 1024));
      pixels.set(colour, at);
      pixels.set(rim[index], at + 4 * 1024);
    });
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1024, 2 * rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  }

  paint({ width, height, scale, offset, size, numeric, limits, weak, panel }) {
    const gl = this.gl;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.n) return;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.array);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(this.place("palette"), 0);
    gl.uniform2f(this.place("scale"), ...scale);
    gl.uniform2f(this.place("offset"), ...offset);
    gl.uniform1f(this.place("size"), size);
    gl.uniform1i(this.place("numeric"), numeric ? 1 : 0);
    gl.uniform2f(this.place("limits"), ...limits);
    gl.uniform1f(this.place("weak"), weak);
    gl.uniform3f(this.place("panel"), ...panel);
    for (const pass of this.masked ? [1, 2] : [0]) {
      gl.uniform1i(this.place("pass"), pass);
      gl.drawArrays(gl.POINTS, 0, this.n);
    }
  }

  release() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
