"""Files in, checked data sets out; then features, transform, split and quality."""
