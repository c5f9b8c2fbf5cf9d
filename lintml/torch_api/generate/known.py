"""What no source says: names that only C++ binds, and public homes that only the documentation knows."""

import re

from lintml.torch_api.table import Version

# Definition -> the path under which torch documents it, where that is not the shortest one.
HOMES = {
    "torch.amp.grad_scaler.GradScaler": "torch.amp.GradScaler",
}

# Definitions of the extension's stub that are not in torch's namespace at run time.
ABSENT = re.compile(
    r"torch\._C\.(_?TensorBase|\w+StorageBase|namedtuple_\w+|_VariableFunctions\.unique_dim|"
    r"AliasInfo|BatchNormBackend|CONV_BN_FUSION|CapturedTraceback|ClassDef|ConvBackend|Decl|Def|FUSE_ADD_RELU|"
    r"GreenContext|HOIST_CONV_PACKED_PARAMS|INSERT_FOLD_PREPACK_OPS|IValue|Ident|JitType|Module|REMOVE_DROPOUT|"
    r"ResolutionCallback|SourceRange|Stack|TreeView|VULKAN_AUTOMATIC_GPU_TRANSFER|gather_traceback|get_num_thread|"
    r"symbolize_tracebacks)"
)

# Public although torch's ``__all__`` forgets them.
MEANT = {"torch.from_dlpack", "torch.to_dlpack"}

# Modules that bind names in loops, but only such as the extension's stubs tell.
CLOSED = {"torch", "torch.optim.optimizer"}

# Compiled classes whose stub is complete; of all others the stub shows a part.
COMPLETE = {
    f"torch._C.{name}"
    for name in "TensorBase _TensorBase Size device dtype finfo iinfo Generator layout memory_format".split()
}

# Where the stubs have the signatures that C++ takes; elsewhere they are written by hand, and forget defaults.
TRUSTED_STUBS = {"torch._C", "torch._C._VariableFunctions", "torch._C._nn"}
TRUSTED_CLASSES = {
    f"torch.{name}" for name in "Tensor Size device dtype finfo iinfo Generator layout memory_format".split()
}

# Constructors that are not what they say: a module's takes anything, and refuses all of it unless told otherwise.
CONSTRUCTORS = {"torch.nn.modules.module.Module": "()", "torch._C.ScriptObject": "()"}

_TYPES = "BFloat16 Byte Char Double Float Half Int Long Short".split()

# Bound by C++ alone: path -> kind and the first version, where it is not older than the tables.
BOUND: dict[str, tuple[str, Version]] = {
    **{f"torch.{space}.{t}Tensor": ("class", (1, 8)) for space in ("cuda", "sparse", "cuda.sparse") for t in _TYPES},
    "torch.cuda.BoolTensor": ("class", (1, 8)),
    **{f"torch.uint{bits}": ("dtype", (2, 3)) for bits in range(1, 8)},
    **{f"torch.int{bits}": ("dtype", (2, 6)) for bits in range(1, 8)},
    "torch.bit": ("dtype", (2, 3)),
    "torch.chalf": ("dtype", (1, 12)),
    "torch.sparse_csr": ("constant", (1, 9)),
    "torch.Tag": ("class?", (1, 13)),
    **{f"torch.{t}Tensor": ("class", (1, 8)) for t in ("Bool", *_TYPES)},
    **{
        f"torch.{verb}_autocast_{device}_{what}": ("function", (1, 10))
        for device in ("ipu", "xla")
        for verb, what in (("get", "dtype"), ("set", "dtype"), ("is", "enabled"), ("set", "enabled"))
    },
    **{f"torch.Tensor.{name}": ("method", (1, 8)) for name in ("cdouble", "cfloat", "const_data_ptr", "ipu", "mtia")},
    **{f"torch.Tensor.{name}": ("property", (1, 8)) for name in ("is_xla", "name", "volatile")},
}

# Helpers that C++ leaves in torch's namespace; nobody means to use them.
LEFT_OVER = {
    "torch": "AVG ArgumentSpec Capsule Code CompleteArgumentSpec DeepCopyMemoTable ExcludeDispatchKeyGuard "
    "ExecutionPlan FatalError Gradient OperatorInfo PyObjectType SUM ScriptClass ScriptClassFunction "
    "ScriptDictIterator ScriptDictKeyIterator ScriptListIterator Storage ScriptObjectProperty StaticModule cpp "
    # Backends that other packages register.
    "hpu maia mlu musa neuron npu sdaa tpu vulkan xla xpu "
    # Counters that only builds for a company's own use keep.
    "read_vitals set_vital vitals_enabled",
    "torch.version": "cann",
    "torch.monitor": "COUNT MAX MEAN MIN SUM VALUE data_value_t",
}
