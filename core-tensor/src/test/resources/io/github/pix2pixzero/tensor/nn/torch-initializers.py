"""Writes torch-initializers.json: weights as torch.nn.init starts them, of seed 7. PyTorch 2.13 on x86 with AVX2.

Run: python torch-initializers.py > torch-initializers.json
"""
import json
import torch
from torch import nn

CASES = {
    "kaimingNormal": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
    "kaimingUniform": lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"),
    "xavierNormal": lambda w: nn.init.xavier_normal_(w, gain=0.5),
    "xavierUniform": lambda w: nn.init.xavier_uniform_(w, gain=0.5),
    "normal": lambda w: nn.init.normal_(w, std=0.02),
    "uniform": lambda w: nn.init.uniform_(w, -0.3, 0.3),
    "fanIn": lambda w: nn.init.kaiming_uniform_(w, a=5**0.5),
}
result = {}
for name, fill in CASES.items():
    for shape in ((6, 5), (4, 3, 3, 3)):
        torch.manual_seed(7)
        result[f"{name} {list(shape)}"] = fill(torch.empty(shape)).flatten().tolist()
json.dump(result, __import__("sys").stdout, indent=0)
