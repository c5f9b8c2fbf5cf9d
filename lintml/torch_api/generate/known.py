"""What no source says: names that only C++ binds, warnings that only C++ gives, homes that only the documentation knows."""

# Definition -> the path under which torch documents it, where that is not the shortest one.
HOMES = {
    "torch.amp.grad_scaler.GradScaler": "torch.amp.GradScaler",
}

# Classes of the extension that torch keeps out of its own namespace.
HIDDEN = {"torch._C.TensorBase", "torch._C._TensorBase"}

# Public although torch's ``__all__`` forgets them.
MEANT = {
    "torch.eig", "torch.from_dlpack", "torch.lstsq", "torch.matrix_rank", "torch.solve", "torch.symeig", "torch.to_dlpack",
}  # fmt: skip
