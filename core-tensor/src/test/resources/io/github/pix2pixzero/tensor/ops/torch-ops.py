"""Writes torch-ops.safetensors and torch-gan.safetensors: what PyTorch computes for the operations a GAN needs.

    python torch-ops.py          (PyTorch 2.13 on the CPU, safetensors)

Everything is computed in double precision and stored as float32. Pictures are stored channels-last, weights of
convolutions as [kernel, kernel, in, out] and of transposed ones as [kernel, kernel, out, in], as the library has them.
Of each case there are the inputs, the result "out", and the gradients "grad.NAME" of the sum of the result times
"weights" (or of the result, where it is a scalar).
"""

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(20231121)
torch.set_default_dtype(torch.float64)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def taps(w):
    """[out, in, kh, kw] or, transposed, [in, out, kh, kw] to what the library has."""
    return w.permute(2, 3, 1, 0)


def stored(x):
    return x.detach().to(torch.float32).contiguous()


def draw(*size):
    """Numbers that are exact in float32."""
    return torch.randn(*size).to(torch.float32).to(torch.float64)


tensors = {}


def case(name, function, inputs, layouts, picture=True):
    """layouts: how each input is stored; what is not given is stored as it is."""
    inputs = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    out = function(**inputs)
    weights = draw(*out.shape) if out.dim() else torch.ones(())
    loss = (out * weights).sum()
    grads = torch.autograd.grad(loss, list(inputs.values()))
    for (key, value), grad in zip(inputs.items(), grads):
        layout = layouts.get(key, lambda v: v)
        tensors[f"{name}.{key}"] = stored(layout(value))
        tensors[f"{name}.grad.{key}"] = stored(layout(grad))
    last = nhwc if picture else (lambda v: v)
    tensors[f"{name}.out"] = stored(last(out))
    if out.dim():
        tensors[f"{name}.weights"] = stored(last(weights))


def upfirdn(x, f, up, down, pad, flipped, gain=1.0):
    """Karras et al., 2020: zeros in between, padding left, right, top, bottom, filter, every down-th pixel."""
    n, c, h, w = x.shape
    large = x.new_zeros(n, c, h * up, w * up)
    large[:, :, ::up, ::up] = x
    large = F.pad(large, pad)
    kernel = (f.flip(0, 1) if flipped else f) * gain
    return F.conv2d(large, kernel.expand(c, 1, *f.shape), groups=c)[:, :, ::down, ::down]


def fir(*values):
    f = torch.tensor(values)
    f = torch.outer(f, f)
    return f / f.sum()


FILTER = fir(1.0, 3.0, 3.0, 1.0)
ODD = draw(3, 2)


def modulated(x, weight, styles, demodulate=True, up=False, down=False):
    """One weight per picture, as in the paper; the library scales input and output instead."""
    outs = []
    for i in range(x.shape[0]):
        in_axis = 0 if up else 1
        shape = [1, 1, 1, 1]
        shape[in_axis] = -1
        w = weight * styles[i].reshape(shape)
        if demodulate:
            norm = w.square().sum(dim=[in_axis, 2, 3], keepdim=True)
            w = w * (norm + 1e-8).rsqrt()
        picture = x[i : i + 1]
        if up:
            y = upfirdn(F.conv_transpose2d(picture, w, stride=2), FILTER, 1, 1, [1, 1, 1, 1], True, 4.0)
        elif down:
            y = F.conv2d(upfirdn(picture, FILTER, 1, 1, [2, 2, 2, 2], True), w, stride=2)
        else:
            y = F.conv2d(picture, w, padding=w.shape[-1] // 2)
        outs.append(y)
    return torch.cat(outs)


tensors["filter"] = stored(FILTER)
tensors["odd"] = stored(ODD)
X = {"x": nhwc}
XW = {"x": nhwc, "weight": taps}
case("upfirdn", lambda x: upfirdn(x, ODD, 3, 2, [-1, 2, 3, -2], True), {"x": draw(2, 3, 4, 3)}, X)
case("upsample", lambda x: upfirdn(x, FILTER, 2, 1, [2, 1, 2, 1], True, 4.0), {"x": draw(1, 3, 3, 4)}, X)
case("downsample", lambda x: upfirdn(x, FILTER, 1, 2, [1, 1, 1, 1], True), {"x": draw(1, 3, 6, 4)}, X)
case(
    "transposed",
    lambda x, weight, bias: F.conv_transpose2d(x, weight, bias, stride=2, padding=1, output_padding=1),
    {"x": draw(2, 3, 3, 2), "weight": draw(3, 2, 4, 4), "bias": draw(2)},
    XW,
)
case("conv", lambda x, weight: F.conv2d(F.pad(x, [0, 1, 2, 1]), weight, stride=2),
     {"x": draw(1, 2, 5, 6), "weight": draw(3, 2, 4, 4)}, XW)
for corners in (False, True):
    for size in ((5, 7), (2, 3)):
        case(
            f"bilinear.{corners}.{size[0]}x{size[1]}".lower(),
            lambda x: F.interpolate(x, size=size, mode="bilinear", align_corners=corners),
            {"x": draw(1, 2, 3, 5)},
            X,
        )
case("average", lambda x: F.avg_pool2d(x, 3, 2, 1), {"x": draw(2, 2, 5, 6)}, X)
for kernel, k in (("3", 3), ("1", 1)):
    case(
        f"modulated{kernel}",
        lambda x, weight, styles: modulated(x, weight, styles),
        {"x": draw(2, 3, 4, 3), "weight": draw(2, 3, k, k), "styles": draw(2, 3)},
        XW,
    )
case(
    "modulated.plain",
    lambda x, weight, styles: modulated(x, weight, styles, demodulate=False),
    {"x": draw(2, 3, 2, 3), "weight": draw(2, 3, 3, 3), "styles": draw(2, 3)},
    XW,
)
case(
    "modulated.up",
    lambda x, weight, styles: modulated(x, weight, styles, up=True),
    {"x": draw(2, 3, 3, 2), "weight": draw(3, 2, 3, 3), "styles": draw(2, 3)},
    XW,
)
case(
    "modulated.down",
    lambda x, weight, styles: modulated(x, weight, styles, down=True),
    {"x": draw(2, 3, 4, 6), "weight": draw(2, 3, 3, 3), "styles": draw(2, 3)},
    XW,
)
LABELS = torch.tensor([4, -100, 0, 2])
for smoothing in (0.0, 0.1):
    case(
        f"entropy.{smoothing}",
        lambda logits: F.cross_entropy(logits, LABELS, label_smoothing=smoothing),
        {"logits": 5 * draw(4, 5)},
        {},
        picture=False,
    )
case("amax", lambda x: x.amax(dim=1, keepdim=True), {"x": torch.tensor([[1.0, 3.0, 3.0], [2.0, 1.0, 0.0]])}, {},
     picture=False)
case("larger", lambda a, b: torch.maximum(a, b),
     {"a": torch.tensor([1.0, 2.0, 3.0]), "b": torch.tensor([2.0, 2.0, 2.0])}, {}, picture=False)
case("reflect", lambda x: F.pad(x, [2, 1, 1, 2], mode="reflect"), {"x": draw(1, 2, 3, 4)}, X)
case("clamp", lambda x: x.clamp(-0.5, 1.0), {"x": torch.tensor([-2.0, -0.5, 0.3, 1.0, 1.5])}, {}, picture=False)
save_file(tensors, "torch-ops.safetensors")

# ---------------------------------------------------------------------- gradient penalties

tensors = {}


def discriminator(x, w):
    """Convolutions, one after a blur that halves the size, the batch's standard deviation, and a linear layer."""
    x = F.leaky_relu(F.conv2d(x, w["conv0"], w["bias0"], padding=1), 0.2)
    x = F.leaky_relu(F.conv2d(upfirdn(x, FILTER, 1, 1, [2, 2, 2, 2], True), w["conv1"], w["bias1"], stride=2), 0.2)
    n, c, h, wide = x.shape
    deviation = (x - x.mean(0)).square().mean(0).add(1e-8).sqrt().mean()
    x = torch.cat([x, deviation.expand(n, 1, h, wide)], 1)
    x = F.leaky_relu(F.conv2d(x, w["conv2"], w["bias2"], padding=1), 0.2)
    return nhwc(x).reshape(n, -1) @ w["out"]


weights = {
    "conv0": draw(4, 3, 3, 3),
    "bias0": draw(4),
    "conv1": draw(5, 4, 3, 3),
    "bias1": draw(5),
    "conv2": draw(3, 6, 3, 3),
    "bias2": draw(3),
    "out": draw(2 * 3 * 3, 1),
}
picture = draw(3, 3, 4, 6)
weights = {key: (0.3 * value).to(torch.float32).to(torch.float64).requires_grad_() for key, value in weights.items()}
real = picture.clone().requires_grad_()
(slope,) = torch.autograd.grad(discriminator(real, weights).sum(), real, create_graph=True)
r1 = slope.square().sum([1, 2, 3]).mean()
# Of bias2 the penalty does not depend, except by where the last leaky ReLU bends.
targets = [key for key in weights if key != "bias2"]
for key, grad in zip(targets, torch.autograd.grad(r1, [weights[key] for key in targets])):
    tensors[f"r1.grad.{key}"] = stored(taps(grad) if grad.dim() == 4 else grad)
for key, value in weights.items():
    tensors[f"r1.{key}"] = stored(taps(value) if value.dim() == 4 else value)
tensors["r1.picture"] = stored(nhwc(picture))
tensors["r1.penalty"] = stored(r1)


def generator(latent, w):
    """A constant, two modulated convolutions, the first one enlarging, and one to colours that is not demodulated."""
    n = latent.shape[0]
    x = w["constant"].expand(n, -1, -1, -1)
    x = modulated(x, w["conv0"], latent @ w["style0"] + 1, up=True)
    x = F.leaky_relu(x + w["bias0"].reshape(1, -1, 1, 1), 0.2)
    x = modulated(x, w["conv1"], latent @ w["style1"] + 1)
    x = F.leaky_relu(x + w["bias1"].reshape(1, -1, 1, 1), 0.2)
    return modulated(x, w["colour"], latent @ w["style2"] + 1, demodulate=False)


weights = {
    "constant": draw(1, 4, 2, 3),
    "style0": draw(5, 4),
    "conv0": draw(4, 3, 3, 3),
    "bias0": draw(3),
    "style1": draw(5, 3),
    "conv1": draw(4, 3, 3, 3),
    "bias1": draw(4),
    "style2": draw(5, 4),
    "colour": draw(3, 4, 1, 1),
}
weights = {key: (0.5 * value).to(torch.float32).to(torch.float64).requires_grad_() for key, value in weights.items()}
latent = draw(2, 5)
noise = draw(2, 3, 4, 6)
start = latent.clone().requires_grad_()
(slope,) = torch.autograd.grad((generator(start, weights) * noise).sum(), start, create_graph=True)
length = slope.square().sum(1).sqrt()
penalty = (length - 1.5).square().mean()
for key, grad in zip(weights, torch.autograd.grad(penalty, list(weights.values()))):
    layout = nhwc if key == "constant" else taps if grad.dim() == 4 else (lambda v: v)
    tensors[f"path.grad.{key}"] = stored(layout(grad))
    tensors[f"path.{key}"] = stored(layout(weights[key]))
tensors["path.latent"] = stored(latent)
tensors["path.noise"] = stored(nhwc(noise))
tensors["path.penalty"] = stored(penalty)
save_file(tensors, "torch-gan.safetensors")
