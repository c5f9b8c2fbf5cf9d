"""What Keras, TensorFlow, NumPy, Paddle and MXNet call torch's things, where torch itself has no such name."""

from dataclasses import dataclass
from functools import cache

from lintml.torch_api import names
from lintml.torch_api.parameters import Signature

# Each line: the namespace in torch, the library, then foreign=torch; torch has nothing alike where nothing follows.
LINES = """
torch.nn Keras Dense=torch.nn.Linear BatchNormalization=torch.nn.BatchNorm2d LayerNormalization=torch.nn.LayerNorm
torch.nn Keras Conv2DTranspose=torch.nn.ConvTranspose2d Conv1DTranspose=torch.nn.ConvTranspose1d
torch.nn Keras MaxPooling1D=torch.nn.MaxPool1d MaxPooling2D=torch.nn.MaxPool2d AveragePooling2D=torch.nn.AvgPool2d
torch.nn Keras GlobalAveragePooling2D=torch.nn.AdaptiveAvgPool2d GlobalMaxPooling2D=torch.nn.AdaptiveMaxPool2d
torch.nn Keras SpatialDropout2D=torch.nn.Dropout2d ZeroPadding2D=torch.nn.ZeroPad2d UpSampling2D=torch.nn.Upsample
torch.nn Keras SimpleRNN=torch.nn.RNN Reshape=torch.nn.Unflatten Model=torch.nn.Module Layer=torch.nn.Module
torch.nn Keras MeanSquaredError=torch.nn.MSELoss MeanAbsoluteError=torch.nn.L1Loss Huber=torch.nn.HuberLoss
torch.nn Keras CategoricalCrossentropy=torch.nn.CrossEntropyLoss BinaryCrossentropy=torch.nn.BCELoss
torch.nn Keras SparseCategoricalCrossentropy=torch.nn.CrossEntropyLoss KLDivergence=torch.nn.KLDivLoss
torch.nn MXNet Block=torch.nn.Module HybridBlock=torch.nn.Module HybridSequential=torch.nn.Sequential
torch TensorFlow reduce_mean=torch.mean reduce_sum=torch.sum reduce_max=torch.amax reduce_min=torch.amin
torch TensorFlow reduce_prod=torch.prod reduce_all=torch.all reduce_any=torch.any reduce_logsumexp=torch.logsumexp
torch TensorFlow expand_dims=torch.unsqueeze constant=torch.tensor convert_to_tensor=torch.as_tensor
torch TensorFlow random_normal=torch.randn random_uniform=torch.rand boolean_mask=torch.masked_select
torch TensorFlow stop_gradient=torch.Tensor.detach top_k=torch.topk one_hot=torch.nn.functional.one_hot
torch TensorFlow GradientTape=torch.autograd.grad cast=torch.Tensor.to unstack=torch.unbind
torch Paddle to_tensor=torch.tensor
torch NumPy array=torch.tensor ndarray=torch.Tensor identity=torch.eye copy=torch.clone power=torch.pow
torch NumPy append=torch.cat degrees=torch.rad2deg radians=torch.deg2rad rint=torch.round mod=torch.remainder
torch.Tensor NumPy astype=torch.Tensor.to copy=torch.Tensor.clone fill=torch.Tensor.fill_ itemset=
torch.Tensor TensorFlow get_shape=torch.Tensor.size set_shape= assign=torch.Tensor.copy_ assign_add=torch.Tensor.add_
torch.Tensor Paddle cast=torch.Tensor.to stop_gradient=torch.Tensor.requires_grad
torch.Tensor MXNet asnumpy=torch.Tensor.numpy asscalar=torch.Tensor.item attach_grad=torch.Tensor.requires_grad_
torch.Tensor MXNet as_in_context=torch.Tensor.to copyto=torch.Tensor.copy_ expand_dims=torch.Tensor.unsqueeze
torch.nn.Module Keras fit= predict= evaluate= summary= trainable_weights=torch.nn.Module.parameters
torch.nn.Module Keras trainable_variables=torch.nn.Module.parameters get_weights=torch.nn.Module.state_dict
torch.nn.Module Keras set_weights=torch.nn.Module.load_state_dict load_weights=torch.nn.Module.load_state_dict
torch.nn.Module Keras save_weights=torch.nn.Module.state_dict
torch.nn.Module Paddle set_state_dict=torch.nn.Module.load_state_dict sublayers=torch.nn.Module.modules
torch.nn.Module MXNet collect_params=torch.nn.Module.parameters hybridize= initialize=
torch.nn.Sequential Keras add=torch.nn.Sequential.append
torch.optim TensorFlow GradientDescentOptimizer=torch.optim.SGD AdamOptimizer=torch.optim.Adam
torch.optim Paddle Momentum=torch.optim.SGD
torch.optim.Optimizer TensorFlow apply_gradients=torch.optim.Optimizer.step minimize=torch.optim.Optimizer.step
torch.optim.Optimizer Paddle clear_grad=torch.optim.Optimizer.zero_grad
"""

# Keywords of other libraries, and what torch calls them, the likeliest first.
KEYWORDS = {
    "activation_fn": ("activation", "nonlinearity"),
    "axes": ("dim", "dims"),
    "axis": ("dim",),
    "beta_1": ("betas",),
    "beta_2": ("betas",),
    "bias_attr": ("bias",),
    "decay": ("weight_decay",),
    "dilation_rate": ("dilation",),
    "drop_rate": ("p", "dropout"),
    "dropout_p": ("p", "dropout"),
    "dropout_prob": ("p", "dropout"),
    "dropout_rate": ("p", "dropout"),
    "embed_size": ("embed_dim", "embedding_dim"),
    "epsilon": ("eps",),
    "filters": ("out_channels",),
    "hidden_dim": ("hidden_size",),
    "in_dim": ("in_features", "in_channels"),
    "in_size": ("in_features", "in_channels"),
    "input_channels": ("in_channels",),
    "input_dim": ("num_embeddings", "in_features", "input_size"),
    "input_features": ("in_features",),
    "keepdims": ("keepdim",),
    "learning_rate": ("lr",),
    "n_heads": ("num_heads", "nhead"),
    "num_heads": ("nhead",),
    "out_dim": ("out_features", "out_channels"),
    "out_size": ("out_features", "out_channels"),
    "output_channels": ("out_channels",),
    "output_dim": ("embedding_dim", "out_features"),
    "output_features": ("out_features",),
    "pool_size": ("kernel_size",),
    "prob": ("p",),
    "rate": ("p",),
    "strides": ("stride",),
    "units": ("out_features", "hidden_size"),
    "use_bias": ("bias",),
    "vocab_size": ("num_embeddings",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Foreign:
    """A name of another library, and the torch name for the same thing; empty where torch has nothing alike."""

    library: str
    name: str
    torch: str


def foreign(path: str) -> Foreign | None:
    """What another library's name means that stands where torch has none, such as ``torch.nn.Dense``.

    A member of a class is looked for in its base classes too.
    """
    namespace, _, name = path.rpartition(".")
    found = _table().get(path)
    owner = names.lookup(namespace) if found is None else None
    if owner is None or owner.kind != "class":
        return found
    return next((f for base in owner.bases if (f := foreign(f"{base}.{name}"))), None)


def meant_keyword(signature: Signature, keyword: str) -> str | None:
    """The one parameter that a keyword of another library stands for; None where none or several could be meant."""
    fitting = [name for name in KEYWORDS.get(keyword, ()) if name in signature.by_name]
    return fitting[0] if len(fitting) == 1 else None


@cache
def _table() -> dict[str, Foreign]:
    found = {}
    for line in LINES.strip().splitlines():
        namespace, library, *pairs = line.split(" ")
        for name, _, torch in (pair.partition("=") for pair in pairs):
            found[f"{namespace}.{name}"] = Foreign(library, name, torch)
    return found
