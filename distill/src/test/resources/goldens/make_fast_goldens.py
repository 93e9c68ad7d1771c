"""Reference vectors for the fast student: torch in float64, stored as float32.

Run: python make_fast_goldens.py      (needs torch, safetensors; writes fast.safetensors beside itself)

Blocks of 2 x 2 pixels become channels in the order (line, column, colour), and back in the same order. Weights are stored with unit variance
and multiplied by 1 / sqrt(fan in) when used; every layer but the last ends in a leaky ReLU of slope 0.2, times sqrt 2.
"""
import math, os
import torch, torch.nn.functional as F
from safetensors.torch import save_file

torch.set_num_threads(1); torch.set_default_dtype(torch.float64)
BLOCK, WIDTH, LEVELS, HEIGHT, BREADTH = 2, 3, 4, 16, 32
gen = torch.Generator().manual_seed(20261128); p = {}
nf = [min(WIDTH << level, 4 * WIDTH) for level in range(LEVELS)]
def make(name, i, o):
    p[name + ".weight"] = torch.randn(o, i, 3, 3, generator=gen).float().double(); p[name + ".bias"] = (0.1 * torch.randn(o, generator=gen)).float().double()
def conv(name, x, act=True):
    w = p[name + ".weight"]; y = F.conv2d(x, w / math.sqrt(w[0].numel()), p[name + ".bias"], padding=1)
    return F.leaky_relu(y, 0.2) * math.sqrt(2) if act else y
def blocks(x):
    b, c, h, w = x.shape
    return x.reshape(b, c, h // BLOCK, BLOCK, w // BLOCK, BLOCK).permute(0, 3, 5, 1, 2, 4).reshape(b, -1, h // BLOCK, w // BLOCK)
def pixels(x):
    b, c, h, w = x.shape
    return x.reshape(b, BLOCK, BLOCK, -1, h, w).permute(0, 3, 4, 1, 5, 2).reshape(b, -1, h * BLOCK, w * BLOCK)

make("in", 3 * BLOCK**2, nf[0]); make("middle", nf[-1], nf[-1]); make("out", nf[0], 4 * BLOCK**2)
for l in range(LEVELS - 1):
    make(f"down.{l}.keep", nf[l], nf[l]); make(f"down.{l}.down", nf[l], nf[l + 1]); make(f"up.{l}.before", nf[l + 1], nf[l]); make(f"up.{l}.after", 2 * nf[l], nf[l])
source = torch.randn(2, 3, HEIGHT, BREADTH, generator=gen).tanh().float().double()
x = conv("in", blocks(source)); kept = []
for l in range(LEVELS - 1):
    x = conv(f"down.{l}.keep", x); kept.append(x); x = conv(f"down.{l}.down", F.avg_pool2d(x, 2))
x = conv("middle", x)
for l in reversed(range(LEVELS - 1)):
    x = F.interpolate(conv(f"up.{l}.before", x), scale_factor=2, mode="bilinear", align_corners=False); x = conv(f"up.{l}.after", torch.cat([x, kept[l]], 1))
last = pixels(conv("out", x, act=False)); mask = torch.sigmoid(last[:, 3:])
p.update({"io.source": source, "io.mask": mask, "io.out": source + mask * (last[:, :3] - source)})
save_file({k: v.float().contiguous() for k, v in p.items()}, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fast.safetensors"))
