"""Signals cut into frames."""

from lintml.shapes.call import Call, Output, is_size
from lintml.shapes.dim import floor_divide
from lintml.shapes.shape import Axis, Shape


def short_time_fourier(call: Call) -> tuple[Output, ...]:
    """torch.stft: ([batch], time) to ([batch], frequencies, frames), and two numbers for each where not complex."""
    setting, signal = call.settings, call.ranked(0, 2, 1)
    window, hop, center = call.size("n_fft"), setting.get("hop_length"), setting.get("center", True)
    if signal is None or window is None or not isinstance(center, bool):
        return (Output(None, "complex"),)
    step = floor_divide(window, 4) if hop is None else hop
    time = signal.dims[-1]
    frames: Axis = None
    if time is not None and is_size(step) and step != 0:
        frames = floor_divide(time if center else time - window, step) + 1
    one_sided = setting.get("onesided")
    frequencies: Axis = floor_divide(window, 2) + 1 if one_sided in (None, True) else None
    whole, parts = setting.get("return_complex"), (2,)
    if whole is not True and whole is not False:
        return (Output(None, "complex"),)
    sizes = (*signal.dims[:-1], frequencies, frames, *(() if whole else parts))
    return (Output(Shape(sizes), "complex" if whole else "float"),)
