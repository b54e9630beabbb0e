"""R files for tests: what R would write for S4 objects, built from rdata's own parts."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import rdata
from rdata.conversion.to_r import ConverterFromPythonToR, build_r_list, build_r_object
from rdata.parser import RObject, RObjectType
from rdata.unparser._xdr import UnparserXDR
from scipy import sparse


class S4:
    """An S4 object: its class and its slots."""

    def __init__(self, kind: str, **slots: Any) -> None:
        self.kind, self.slots = kind, {name.replace("__", "."): value for name, value in slots.items()}


class Matrix:
    """A dense matrix with names along both sides; ``kind`` gives it an S4 class, as Seurat's LogMap has."""

    def __init__(self, values: np.ndarray, rows: list[str], columns: list[str], kind: str | None = None) -> None:
        self.values, self.rows, self.columns, self.kind = values, rows, columns, kind


def dgc(values: np.ndarray, rows: list[str] | None, columns: list[str] | None) -> S4:
    """A genes x cells ``dgCMatrix``."""
    stored = sparse.csc_matrix(values)
    return S4(
        "dgCMatrix",
        i=stored.indices.astype(np.int32),
        p=stored.indptr.astype(np.int32),
        Dim=np.array(stored.shape, dtype=np.int32),
        Dimnames=[_text(rows), _text(columns)],
        x=stored.data.astype(np.float64),
        factors=[],
    )


def write_rds(path: Path, content: Any) -> Path:
    """Write ``content`` as R's ``saveRDS`` would."""
    converter = _Converter()
    data = converter.convert_to_r_data(None)
    data.object = converter.convert_to_r_object(content)
    with gzip.open(path, "wb") as stream:
        _Unparser(stream).unparse_r_data(data)
    return path


class _Converter(ConverterFromPythonToR):
    def convert_to_r_object(self, data: Any) -> RObject:
        if isinstance(data, S4):
            pairs = [(self.convert_to_r_sym(name), self.convert_to_r_object(one)) for name, one in data.slots.items()]
            kind = (self.convert_to_r_sym("class"), super().convert_to_r_object(_text([data.kind])))
            return build_r_object(RObjectType.S4, is_object=True, attributes=build_r_list([*pairs, kind]), gp=16)
        if isinstance(data, Matrix):
            made = super().convert_to_r_object(np.asfortranarray(data.values).ravel(order="F"))
            attributes = {
                "dim": np.array(data.values.shape, dtype=np.int32),
                "dimnames": [_text(data.rows), _text(data.columns)],
            }
            pairs = [(self.convert_to_r_sym(name), self.convert_to_r_object(one)) for name, one in attributes.items()]
            if data.kind:
                pairs.append((self.convert_to_r_sym("class"), super().convert_to_r_object(_text([data.kind]))))
            return build_r_object(
                made.info.type, value=made.value, attributes=build_r_list(pairs), is_object=bool(data.kind)
            )
        if isinstance(data, dict):
            values = [self.convert_to_r_object(one) for one in data.values()]
            names = super().convert_to_r_object(_text(list(data)))
            return build_r_object(
                RObjectType.VEC, value=values, attributes=build_r_list([(self.convert_to_r_sym("names"), names)])
            )
        if isinstance(data, list):
            return build_r_object(RObjectType.VEC, value=[self.convert_to_r_object(one) for one in data])
        return super().convert_to_r_object(data)


class _Unparser(UnparserXDR):
    def unparse_r_object(self, obj: RObject) -> None:
        if obj.info.type == RObjectType.S4:
            self.unparse_int(rdata.unparser._unparser.pack_r_object_info(obj.info))
            assert obj.attributes is not None
            self.unparse_r_object(obj.attributes)
        else:
            super().unparse_r_object(obj)


def _text(names: list[str] | None) -> np.ndarray | None:
    return None if names is None else np.array(names, dtype=np.str_)
