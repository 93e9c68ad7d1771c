"""The PyTorch side of `./benchmark students`, which gives it folders that hold students.

    students.py forward STUDENT BATCH THREADS SECONDS    an answer to a batch
    students.py step STUDENT KIND BATCH THREADS SECONDS  a training step: l1, gan or r1

prints the seconds of a run and, of an answer, some of its numbers as JSON. Written from the equations of StyleGAN2 (Karras et al.,
2020), Co-Mod-GAN (Zhao et al., 2021) and R1 (Mescheder et al., 2018), in the conventions of distill's reference vectors.
"""

import json
import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

SQRT2 = math.sqrt(2)
LINE = torch.tensor([1.0, 3.0, 3.0, 1.0])
FILTER = torch.outer(LINE, LINE) / 64
SMALLEST = 4


def median(run, seconds):
    """Of runs for so long, after as many to warm up."""
    for _ in range(2):
        times, begin = [], time.perf_counter()
        while len(times) < 3 or time.perf_counter() - begin < seconds:
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def leaky(x):
    return F.leaky_relu(x, 0.2) * SQRT2


def blur(x, pad, gain=1.0, stride=1):
    kernel = (FILTER * gain).expand(x.shape[1], 1, 4, 4)
    return F.conv2d(F.pad(x, pad), kernel, stride=stride, groups=x.shape[1])


def twice(x):
    """Zeros between the pixels, then the filter."""
    zeros = x.new_zeros(*x.shape[:2], x.shape[2], 2, x.shape[3], 2)
    zeros[:, :, :, 0, :, 0] = x
    return blur(zeros.reshape(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3]), (2, 1, 2, 1), 4)


def dense(p, name, x, rate=1.0, act=True):
    weight, bias = p[name + ".weight"], p[name + ".bias"]
    y = F.linear(x, weight * (rate / math.sqrt(weight.shape[1])), bias * rate)
    return leaky(y) if act else y


def conv(p, name, x, down=False, act=True):
    weight, bias = p[name + ".weight"], p.get(name + ".bias")
    weight = weight / math.sqrt(weight[0].numel())
    if not down:
        y = F.conv2d(x, weight, bias, padding=weight.shape[2] // 2)
    elif weight.shape[2] == 3:
        y = F.conv2d(blur(x, (2, 2, 2, 2)), weight, bias, stride=2)
    else:
        y = F.conv2d(blur(x, (1, 1, 1, 1), stride=2), weight, bias)
    return leaky(y) if act else y


def modulated(p, name, x, style, up=False):
    weight = p[name + ".weight"]
    s = dense(p, name + ".style", style, act=False)
    x = x * s[:, :, None, None]
    y = blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), (1, 1, 1, 1), 4) if up else F.conv2d(x, weight, padding=1)
    y = y * torch.rsqrt(s.square() @ weight.square().sum((2, 3)).t() + 1e-8)[:, :, None, None]
    return leaky(y + p[name + ".bias"][None, :, None, None])


def to_rgb(p, name, x, style):
    weight = p[name + ".weight"]
    s = dense(p, name + ".style", style, act=False) / math.sqrt(weight.shape[1])
    return F.conv2d(x * s[:, :, None, None], weight) + p[name + ".bias"][None, :, None, None]


def blend(source, last):
    logits = last[:, 3:]
    return source + torch.sigmoid(logits) * (last[:, :3] - source), logits


def comod(p, config, source, drop=False):
    x, features, size = conv(p, "encoder.rgb", source), {}, config["resolution"]
    while size > SMALLEST:
        x = conv(p, f"encoder.{size}.conv", x)
        features[size] = x
        x = conv(p, f"encoder.{size}.down", x, down=True)
        size //= 2
    features[4] = conv(p, "encoder.4.conv", x)
    code = dense(p, "encoder.4.dense", features[4].flatten(1))
    if drop:
        code = F.dropout(code, config["dropout"])
    style = code
    if "z_width" in config:
        w = torch.zeros(len(source), config["z_width"])
        for i in range(config["mapping_layers"]):
            w = dense(p, f"mapping.{i}", w, config["mapping_rate"])
        style = torch.cat([w, code], 1)
    x = dense(p, "synthesis.4.dense", code).reshape(features[4].shape) + features[4]
    x = modulated(p, "synthesis.4.conv", x, style)
    out = to_rgb(p, "synthesis.4.rgb", x, style)
    while size < config["resolution"]:
        size *= 2
        x = modulated(p, f"synthesis.{size}.up", x, style, up=True) + features[size]
        x = modulated(p, f"synthesis.{size}.conv", x, style)
        out = twice(out) + to_rgb(p, f"synthesis.{size}.rgb", x, style)
    return blend(source, out)


def fast(p, config, source):
    """Blocks of pixels become channels in the order (line, column, colour)."""
    n, (b, c, h, w) = config["block"], source.shape
    x = source.reshape(b, c, h // n, n, w // n, n).permute(0, 3, 5, 1, 2, 4).reshape(b, -1, h // n, w // n)
    x, kept = conv(p, "in", x), []
    for level in range(3):
        x = conv(p, f"down.{level}.keep", x)
        kept.append(x)
        x = conv(p, f"down.{level}.down", F.avg_pool2d(x, 2))
    x = conv(p, "middle", x)
    for level in reversed(range(3)):
        x = F.interpolate(conv(p, f"up.{level}.before", x), scale_factor=2, mode="bilinear", align_corners=False)
        x = conv(p, f"up.{level}.after", torch.cat([x, kept[level]], 1))
    last = conv(p, "out", x, act=False).reshape(b, n, n, -1, h // n, w // n).permute(0, 3, 4, 1, 5, 2).reshape(b, -1, h, w)
    return blend(source, last)


def discriminator(p, resolution, picture, source, group=4):
    x, size = conv(p, "rgb", torch.cat([picture, source], 1)), resolution
    while size > SMALLEST:
        down = conv(p, f"{size}.down", conv(p, f"{size}.conv", x), down=True)
        x = (down + conv(p, f"{size}.skip", x, down=True, act=False)) / SQRT2
        size //= 2
    y = x.reshape(group, -1, *x.shape[1:])
    y = (y.var(0, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
    x = conv(p, "4.conv", torch.cat([x, y.repeat(group)[:, None, None, None].expand(-1, 1, 4, 4)], 1))
    return dense(p, "out", dense(p, "4.dense", x.flatten(1)), act=False)


def random_discriminator(resolution, width):
    """As wide as by default: width · resolution / size channels, at most 4 · width."""
    channels, p = lambda size: min(width * resolution // size, 4 * width), {}

    def layer(name, *shape, bias=True):
        p[name + ".weight"] = torch.randn(*shape)
        if bias:
            p[name + ".bias"] = torch.zeros(shape[0])

    layer("rgb", channels(resolution), 6, 1, 1)
    size = resolution
    while size > SMALLEST:
        layer(f"{size}.conv", channels(size), channels(size), 3, 3)
        layer(f"{size}.down", channels(size // 2), channels(size), 3, 3)
        layer(f"{size}.skip", channels(size // 2), channels(size), 1, 1, bias=False)
        size //= 2
    layer("4.conv", channels(4), channels(4) + 1, 3, 3)
    layer("4.dense", channels(4), 16 * channels(4))
    layer("out", 1, channels(4))
    return p


def ramp(*shape):
    """The numbers that ours sees too, [batch, height, width, 3] in [-1, 1]."""
    return ((torch.arange(math.prod(shape)) * 7919 % 256) / 127.5 - 1).reshape(shape)


def student(folder):
    with open(folder + "/config.json") as file:
        config = json.load(file)
    return load_file(folder + "/model.safetensors"), config


def forward(folder, batch, seconds):
    p, config = student(folder)
    network = {"comod": comod, "fast": fast}[config["student"]]
    size = config["resolution"]
    source = ramp(batch, size, size, 3).permute(0, 3, 1, 2).contiguous()
    with torch.no_grad():
        numbers = network(p, config, source)[0].permute(0, 2, 3, 1).flatten()
        taken = median(lambda: network(p, config, source), seconds)
    return {"seconds": taken, "numbers": numbers[:: max(1, len(numbers) // 1000)].tolist()}


def step(folder, kind, batch, seconds):
    """L1 five times as much inside the mask, cross-entropy of the mask; then the discriminator, and R1 on both its inputs."""
    p, config = student(folder)
    size = config["resolution"]
    d = random_discriminator(size, 8)
    average = {name: value.clone() for name, value in p.items()}
    for value in [*p.values(), *d.values()]:
        value.requires_grad_(True)
    adam = torch.optim.Adam(p.values(), 0.001, (0.0, 0.99))
    adam_d = torch.optim.Adam(d.values(), 0.001, (0.0, 0.99))
    source = ramp(batch, size, size, 3).permute(0, 3, 1, 2).contiguous()
    target = source.flip(3)
    mask = (source[:, :1] > 0).float()

    def descend(optimizer, loss):
        optimizer.zero_grad()
        loss.backward(inputs=list(optimizer.param_groups[0]["params"]))
        optimizer.step()
        loss.item()

    def run():
        made, logits = comod(p, config, source, drop=True)
        count = 1 + 4 * mask
        loss = ((made - target).abs() * count).mean() / count.mean() + 0.3 * F.binary_cross_entropy_with_logits(logits, mask)
        if kind != "l1":
            loss = loss + 0.05 * F.softplus(-discriminator(d, size, made, source)).mean()
        descend(adam, loss)
        with torch.no_grad():
            for name, value in p.items():
                average[name].lerp_(value, 0.005)
        if kind != "l1":
            with torch.no_grad():
                made = comod(p, config, source, drop=True)[0]
            fake, real = discriminator(d, size, made, source), discriminator(d, size, target, source)
            descend(adam_d, F.softplus(fake).mean() + F.softplus(-real).mean())
        if kind == "r1":
            inputs = [target.clone().requires_grad_(True), source.clone().requires_grad_(True)]
            slopes = torch.autograd.grad(discriminator(d, size, *inputs).sum(), inputs, create_graph=True)
            descend(adam_d, sum(slope.square().sum((1, 2, 3)) for slope in slopes).mean() * 0.5)

    return {"seconds": median(run, seconds), "numbers": []}


if __name__ == "__main__":
    row, folder, *rest, threads, seconds = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    torch.backends.nnpack.set_flags(False)  # where it has no such hardware it says so at every convolution
    if row == "forward":
        print(json.dumps(forward(folder, int(rest[0]), float(seconds))))
    else:
        print(json.dumps(step(folder, rest[0], int(rest[1]), float(seconds))))
