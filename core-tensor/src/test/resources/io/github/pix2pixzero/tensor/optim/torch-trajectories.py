"""Writes torch-trajectories.json: 20 steps of each optimiser of PyTorch 2.13 (CPU, float32).

The loss is sum(c * ((w - target)**2 + (w + b)**2) / 2): convex, so that no trajectory is chaotic,
with gradients of different magnitudes. Python is not needed to run the tests.
"""
import json
import math
import torch

STEPS = 20
W = [[0.5, -1.25, 2.0], [0.0, 1e-3, -0.75]]
B = [0.1, -0.2, 3.0]
TARGET = [[1.0, 1.0, -1.0], [0.5, -0.5, 0.25]]
C = [[1.0, 0.1, 0.02], [3.0, 1e-3, 0.5]]


def loss(w, b):
    c, target = torch.tensor(C), torch.tensor(TARGET)
    return (c * ((w - target) ** 2 + (w + b) ** 2) / 2).sum()


def run(make, clip=None, clip_value=None, schedule=None, average=None):
    w = torch.tensor(W, requires_grad=True)
    b = torch.tensor(B, requires_grad=True)
    optimizer = make([b, w])  # by name
    scheduler = schedule(optimizer) if schedule else None
    ema_w, ema_b = w.detach().clone(), b.detach().clone()
    trajectory, norms, averages, rates = [], [], [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss(w, b).backward()
        if clip:
            norms.append(torch.nn.utils.clip_grad_norm_([b, w], clip).item())
        if clip_value:
            torch.nn.utils.clip_grad_value_([b, w], clip_value)
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if scheduler:
            scheduler.step()
        if average:  # NVlabs/stylegan2-ada-pytorch, training/training_loop.py, "Update G_ema"
            batch, half_life, ramp_up = average
            seen = step * batch
            nimg = min(half_life, seen * ramp_up)
            beta = 0.5 ** (batch / max(nimg, 1e-8))
            for mean, now in ((ema_w, w), (ema_b, b)):
                mean.copy_(now.detach().lerp(mean, beta))
            averages.append(ema_w.flatten().tolist() + ema_b.tolist())
        trajectory.append(w.flatten().tolist() + b.tolist())
    result = {"trajectory": trajectory, "rates": rates}
    if norms:
        result["norms"] = norms
    if averages:
        result["averages"] = averages
    return result


optim = torch.optim
rate = 0.05
cases = {
    "sgd": run(lambda p: optim.SGD(p, lr=rate)),
    "sgd decay": run(lambda p: optim.SGD(p, lr=rate, weight_decay=0.1)),
    "sgd momentum": run(lambda p: optim.SGD(p, lr=rate, momentum=0.9)),
    "sgd momentum decay": run(lambda p: optim.SGD(p, lr=rate, momentum=0.9, weight_decay=0.1)),
    "sgd nesterov decay": run(
        lambda p: optim.SGD(p, lr=rate, momentum=0.8, weight_decay=0.1, nesterov=True)
    ),
    "adam": run(lambda p: optim.Adam(p, lr=rate)),
    "adam gan": run(lambda p: optim.Adam(p, lr=rate, betas=(0.0, 0.99), eps=1e-8)),
    "adam epsilon decay": run(
        lambda p: optim.Adam(p, lr=rate, betas=(0.5, 0.9), eps=0.1, weight_decay=0.2)
    ),
    "adamw": run(lambda p: optim.AdamW(p, lr=rate)),
    "adamw decay": run(lambda p: optim.AdamW(p, lr=rate, betas=(0.8, 0.95), weight_decay=0.5)),
    "clip norm": run(lambda p: optim.SGD(p, lr=rate, momentum=0.9), clip=0.5),
    "clip value": run(lambda p: optim.SGD(p, lr=rate, momentum=0.9), clip_value=0.25),
    "average": run(lambda p: optim.SGD(p, lr=rate), average=(32, 200.0, 0.6)),
    "warm-up": run(
        lambda p: optim.SGD(p, lr=rate),
        schedule=lambda o: optim.lr_scheduler.LambdaLR(o, lambda s: min(1.0, (s + 1) / 7)),
    ),
    "cosine": run(
        lambda p: optim.Adam(p, lr=rate),
        schedule=lambda o: optim.lr_scheduler.LambdaLR(
            o,
            lambda s: (0.01 + (rate - 0.01) * (1 + math.cos(math.pi * min(1, s / 15))) / 2) / rate,
        ),
    ),
}
# PyTorch's own cosine, up to its last step.
w = torch.tensor(W, requires_grad=True)
o = optim.SGD([w], lr=rate)
s = optim.lr_scheduler.CosineAnnealingLR(o, T_max=15, eta_min=0.01)
closed = []
for _ in range(16):
    closed.append(o.param_groups[0]["lr"])
    o.step()
    s.step()
assert all(abs(a - b) < 1e-12 for a, b in zip(closed, cases["cosine"]["rates"])), closed

with open("torch-trajectories.json", "w") as out:
    out.write("{\n")
    out.write(",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()))
    out.write("\n}\n")
