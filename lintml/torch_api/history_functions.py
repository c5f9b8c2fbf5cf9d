"""What to write instead of functions and classes that are gone, that only raise, or that are deprecated."""

from collections.abc import Mapping

from lintml.torch_api.history_forms import Replacement, Rewrite
from lintml.torch_api.table import Version

_INIT = (
    "constant dirac eye kaiming_normal kaiming_uniform normal orthogonal sparse uniform xavier_normal xavier_uniform"
)
_FUNCTORCH = "functionalize grad grad_and_value hessian jacfwd jacrev jvp vjp vmap"

_CHOLESKY = "its `upper=True` is the `.mH` of the result"
_SOLVE = "its arguments are the other way round, and it gives the solution alone"
_LEAST = "its arguments are the other way round, and of its results only the solution is the same"
_SPECTRUM = "it reads the lower triangle unless told otherwise, and never gives eigenvectors that were not asked for"
_SVD = "it gives Vh, which is V transposed and conjugated, and by default the full U and Vh"
_EIG = "it gives complex tensors, not pairs of real ones"
_RANGE = "it ends before its end, and its type is that of its arguments"

REPLACEMENTS: Mapping[str, Replacement] = {
    "torch.solve": Replacement(
        "torch.linalg.solve",
        rewrites=(Rewrite("torch.linalg.solve({A}, {input})", exact=False),),
        result="alone",
        note=_SOLVE,
    ),
    "torch.Tensor.solve": Replacement(
        "torch.linalg.solve",
        rewrites=(Rewrite("torch.linalg.solve({A}, {self})", exact=False),),
        result="alone",
        note=_SOLVE,
    ),
    "torch.lstsq": Replacement(
        "torch.linalg.lstsq",
        rewrites=(Rewrite("torch.linalg.lstsq({A}, {input})", exact=False),),
        result="among",
        note=_LEAST,
    ),
    "torch.Tensor.lstsq": Replacement(
        "torch.linalg.lstsq",
        rewrites=(Rewrite("torch.linalg.lstsq({A}, {self})", exact=False),),
        result="among",
        note=_LEAST,
    ),
    "torch.symeig": Replacement(
        "torch.linalg.eigh",
        rewrites=(
            Rewrite('torch.linalg.eigh({input}, UPLO="U")', (("eigenvectors", "True"),)),
            Rewrite('torch.linalg.eigh({input}, UPLO="U")', (("eigenvectors", "True"), ("upper", "True"))),
            Rewrite("torch.linalg.eigh({input})", (("eigenvectors", "True"), ("upper", "False"))),
        ),
        note=_SPECTRUM,
    ),
    "torch.Tensor.symeig": Replacement(
        "torch.linalg.eigh",
        rewrites=(
            Rewrite('torch.linalg.eigh({self}, UPLO="U")', (("eigenvectors", "True"),)),
            Rewrite("torch.linalg.eigh({self})", (("eigenvectors", "True"), ("upper", "False"))),
        ),
        note=_SPECTRUM,
    ),
    "torch.eig": Replacement("torch.linalg.eig", note=_EIG),
    "torch.Tensor.eig": Replacement("torch.linalg.eig", note=_EIG),
    "torch.matrix_rank": Replacement(
        "torch.linalg.matrix_rank",
        rewrites=(
            Rewrite("torch.linalg.matrix_rank({input})"),
            Rewrite("torch.linalg.matrix_rank({input}, hermitian={symmetric})"),
            Rewrite("torch.linalg.matrix_rank({input}, tol={tol})"),
        ),
    ),
    "torch.cholesky": Replacement(
        "torch.linalg.cholesky",
        rewrites=(
            Rewrite("torch.linalg.cholesky({input})"),
            Rewrite("torch.linalg.cholesky({input})", (("upper", "False"),)),
            Rewrite("torch.linalg.cholesky({input}).mH", (("upper", "True"),)),
        ),
        note=_CHOLESKY,
    ),
    "torch.Tensor.cholesky": Replacement(
        "torch.linalg.cholesky",
        rewrites=(
            Rewrite("torch.linalg.cholesky({self})"),
            Rewrite("torch.linalg.cholesky({self}).mH", (("upper", "True"),)),
        ),
        note=_CHOLESKY,
    ),
    "torch.qr": Replacement(
        "torch.linalg.qr",
        rewrites=(
            Rewrite("torch.linalg.qr({input})"),
            Rewrite("torch.linalg.qr({input})", (("some", "True"),)),
            Rewrite('torch.linalg.qr({input}, mode="complete")', (("some", "False"),)),
        ),
    ),
    "torch.Tensor.qr": Replacement(
        "torch.linalg.qr",
        rewrites=(
            Rewrite("torch.linalg.qr({self})"),
            Rewrite('torch.linalg.qr({self}, mode="complete")', (("some", "False"),)),
        ),
    ),
    "torch.svd": Replacement("torch.linalg.svd", note=_SVD),
    "torch.Tensor.svd": Replacement("torch.linalg.svd", note=_SVD),
    "torch.lu": Replacement("torch.linalg.lu_factor", rewrites=(Rewrite("torch.linalg.lu_factor({A})"),)),
    "torch.lu_solve": Replacement(
        "torch.linalg.lu_solve", rewrites=(Rewrite("torch.linalg.lu_solve({LU_data}, {LU_pivots}, {input})"),)
    ),
    "torch.Tensor.lu_solve": Replacement(
        "torch.linalg.lu_solve", rewrites=(Rewrite("torch.linalg.lu_solve({LU_data}, {LU_pivots}, {self})"),)
    ),
    "torch.triangular_solve": Replacement(
        "torch.linalg.solve_triangular",
        rewrites=(
            Rewrite("torch.linalg.solve_triangular({A}, {input}, upper=True)", exact=False),
            Rewrite("torch.linalg.solve_triangular({A}, {input}, upper={upper})", exact=False),
        ),
        result="alone",
        note=_SOLVE,
    ),
    "torch.Tensor.triangular_solve": Replacement(
        "torch.linalg.solve_triangular",
        rewrites=(
            Rewrite("torch.linalg.solve_triangular({A}, {self}, upper=True)", exact=False),
            Rewrite("torch.linalg.solve_triangular({A}, {self}, upper={upper})", exact=False),
        ),
        result="alone",
        note=_SOLVE,
    ),
    "torch.chain_matmul": Replacement(
        "torch.linalg.multi_dot", rewrites=(Rewrite("torch.linalg.multi_dot([{*matrices}])"),)
    ),
    "torch.norm": Replacement(
        "torch.linalg.vector_norm",
        rewrites=(
            Rewrite("torch.linalg.vector_norm({input})"),
            Rewrite("torch.linalg.vector_norm({input}, dim={dim})"),
            Rewrite("torch.linalg.vector_norm({input}, dim={dim}, keepdim={keepdim})"),
        ),
        note="a numeric order is its `ord`; matrix norms are torch.linalg.matrix_norm",
    ),
    "torch.range": Replacement(
        "torch.arange",
        rewrites=(
            Rewrite("torch.arange({start}, {end} + 1)", exact=False),
            Rewrite("torch.arange({start}, {end} + {step}, {step})", exact=False),
        ),
        note=_RANGE,
    ),
    "torch.ger": Replacement("torch.outer", drop_in=True),
    "torch.Tensor.ger": Replacement("torch.Tensor.outer", drop_in=True),
    "torch.set_deterministic": Replacement(
        "torch.use_deterministic_algorithms", rewrites=(Rewrite("torch.use_deterministic_algorithms({d})"),)
    ),
    "torch.is_deterministic": Replacement("torch.are_deterministic_algorithms_enabled", drop_in=True),
    "torch.set_default_tensor_type": Replacement(
        "torch.set_default_dtype",
        rewrites=tuple(
            Rewrite(f"torch.set_default_dtype(torch.{dtype})", (("t", text),))
            for kind, dtype in (
                ("Float", "float32"),
                ("Double", "float64"),
                ("Half", "float16"),
                ("BFloat16", "bfloat16"),
            )
            for text in (f"torch.{kind}Tensor", f"'torch.{kind}Tensor'", f'"torch.{kind}Tensor"')
        ),
        note="the device has a default of its own: torch.set_default_device",
    ),
    "torch.cuda.amp.GradScaler": Replacement("torch.amp.GradScaler", drop_in=True, first='"cuda"'),
    "torch.cuda.amp.autocast": Replacement("torch.amp.autocast", drop_in=True, first='"cuda"', by_name=True),
    "torch.cuda.amp.custom_fwd": Replacement("torch.amp.custom_fwd", drop_in=True, last='device_type="cuda"'),
    "torch.cuda.amp.custom_bwd": Replacement("torch.amp.custom_bwd", drop_in=True, last='device_type="cuda"'),
    "torch.cpu.amp.GradScaler": Replacement("torch.amp.GradScaler", drop_in=True, first='"cpu"'),
    "torch.cpu.amp.autocast": Replacement("torch.amp.autocast", drop_in=True, first='"cpu"', by_name=True),
    "torch.cuda.memory_cached": Replacement("torch.cuda.memory_reserved", drop_in=True),
    "torch.cuda.max_memory_cached": Replacement("torch.cuda.max_memory_reserved", drop_in=True),
    "torch.backends.cuda.sdp_kernel": Replacement(
        "torch.nn.attention.sdpa_kernel", note="it takes the list of backends that are allowed, not a flag for each"
    ),
    "torch.nn.Container": Replacement("torch.nn.Module", drop_in=True),
    "torch.nn.NLLLoss2d": Replacement("torch.nn.NLLLoss", drop_in=True),
    "torch.nn.UpsamplingNearest2d": Replacement("torch.nn.Upsample", drop_in=True, last='mode="nearest"'),
    "torch.nn.UpsamplingBilinear2d": Replacement(
        "torch.nn.Upsample", drop_in=True, last='mode="bilinear", align_corners=True'
    ),
    "torch.nn.functional.upsample": Replacement("torch.nn.functional.interpolate", drop_in=True),
    "torch.nn.functional.upsample_nearest": Replacement(
        "torch.nn.functional.interpolate", drop_in=True, last='mode="nearest"'
    ),
    "torch.nn.functional.upsample_bilinear": Replacement(
        "torch.nn.functional.interpolate", drop_in=True, last='mode="bilinear", align_corners=True'
    ),
    **{f"torch.nn.init.{name}": Replacement(f"torch.nn.init.{name}_", drop_in=True) for name in _INIT.split()},
    "torch.nn.utils.clip_grad_norm": Replacement("torch.nn.utils.clip_grad_norm_", drop_in=True),
    "torch.nn.utils.weight_norm": Replacement(
        "torch.nn.utils.parametrizations.weight_norm",
        drop_in=True,
        note="the parameters take other names in the state dict, which still loads",
    ),
    "torch.testing.assert_allclose": Replacement(
        "torch.testing.assert_close", note="its tolerances are those of the type, and it compares types and devices"
    ),
    **{f"functorch.{name}": Replacement(f"torch.func.{name}", drop_in=True) for name in _FUNCTORCH.split()},
    "functorch.make_functional": Replacement("torch.func.functional_call"),
    "torch.export.export_for_training": Replacement("torch.export.export", drop_in=True),
    "torch.library.impl_abstract": Replacement("torch.library.register_fake", drop_in=True),
    "torch.nn.utils.stateless.functional_call": Replacement("torch.func.functional_call", drop_in=True),
}

FUNCTORCH_MOVED: Version = (2, 0)

# Deprecated in the documentation only, or with a warning that Python hides unless it is asked to show it.
QUIET = (
    "torch.norm", "torch.ger", "torch.svd", "torch.Tensor.ger", "torch.Tensor.svd", "torch.nn.Upsampling",
    "torch.jit.", "torch.quantization.", "torch.ao.quantization.",
)  # fmt: skip

# Gone before the oldest version that the tables know.
ANCIENT: Mapping[str, Replacement] = {
    "torch.gels": Replacement("torch.linalg.lstsq", note=_LEAST),
    "torch.gesv": Replacement("torch.linalg.solve", note=_SOLVE),
    "torch.btrifact": Replacement("torch.linalg.lu_factor"),
    "torch.btrisolve": Replacement("torch.linalg.lu_solve", note="the factors come first"),
    "torch.btriunpack": Replacement("torch.lu_unpack"),
    "torch.potrf": Replacement("torch.linalg.cholesky", note=_CHOLESKY),
    "torch.potri": Replacement("torch.cholesky_inverse"),
    "torch.potrs": Replacement("torch.cholesky_solve"),
    "torch.trtrs": Replacement("torch.linalg.solve_triangular", note=_SOLVE),
    "torch.rfft": Replacement("torch.fft.rfft", note="it gives complex tensors, not pairs of real ones"),
    "torch.irfft": Replacement("torch.fft.irfft", note="it takes complex tensors, not pairs of real ones"),
    "torch.ifft": Replacement("torch.fft.ifft", note="it takes complex tensors, not pairs of real ones"),
    "torch.nn.parallel.DistributedDataParallelCPU": Replacement(
        "torch.nn.parallel.DistributedDataParallel", drop_in=True
    ),
}

# Private names that documents use, and the public ones for the same things.
PUBLIC: Mapping[str, str] = {
    "torch.utils.data._utils.collate.default_collate": "torch.utils.data.default_collate",
    "torch.utils.data._utils.collate.default_convert": "torch.utils.data.default_convert",
    "torch.utils.data.dataloader.default_collate": "torch.utils.data.default_collate",
    "torch.optim.lr_scheduler._LRScheduler": "torch.optim.lr_scheduler.LRScheduler",
}
