"""Writes the checkpoints of TorchStateDictTest, with the PyTorch that is installed, and what they hold.

Run: python torch-checkpoints.py [FOLDER]   (needs torch, numpy, safetensors)
"""

import argparse
import collections
import json
import pathlib
import sys

import numpy
import torch
from safetensors.torch import save_file

here = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).absolute()
here = here if here.is_dir() else here.parent
base = torch.arange(24.0) * 0.25 - 3
tied = torch.tensor([1.0, 2.0, 3.0, 4.0])
state = collections.OrderedDict(
    [
        ("a.float32", base.reshape(4, 6).clone()),
        ("a.view", base.reshape(4, 6)[1:3, ::2].T),
        ("a.tail", base[20:]),
        ("b.float16", torch.tensor([[0.5, -2.0]]).half()),
        ("b.bfloat16", torch.tensor([0.5, -2.0]).bfloat16()),
        ("b.float64", torch.tensor([0.5, -2.0]).double()),
        ("b.int64", torch.tensor([[3, -4]])),
        ("b.int32", torch.tensor([3, -4], dtype=torch.int32)),
        ("b.int16", torch.tensor([3, -4], dtype=torch.int16)),
        ("b.int8", torch.tensor([3, -4], dtype=torch.int8)),
        ("b.uint8", torch.tensor([3, 250], dtype=torch.uint8)),
        ("b.bool", torch.tensor([True, False])),
        ("b.scalar", torch.tensor(7.5)),
        ("b.empty", torch.zeros(0, 3)),
        ("c.tied.one", tied),
        ("c.tied.two", tied),
        ("c.parameter", torch.nn.Parameter(torch.tensor([8.0, 9.0]))),
    ]
)
# What training leaves in a checkpoint beside its weights.
lightning = {
    "epoch": 10,
    "global_step": 2**40,
    "pytorch-lightning_version": "1.4.2",
    "state_dict": state,
    "callbacks": {"best": numpy.float64(0.25), "path": None, "none": float("inf")},
    "lr_schedulers": [{"last_epoch": 3, "milestones": (1, 2), "set": {1}, "raw": b"ab"}],
    "optimizer_states": [{"state": {0: {"step": 1, "exp_avg": torch.ones(2)}}, "param_groups": []}],
    "hyper_parameters": argparse.Namespace(lr=1e-4, shape=torch.Size([2, 3]), dtype=torch.float32),
    "counts": collections.defaultdict(list),
}
save_file({k: v.detach().contiguous().clone() for k, v in state.items()}, here / "torch-state.safetensors")
torch.save(lightning, here / "torch-lightning.ckpt")
torch.save(lightning, here / "torch-lightning-legacy.ckpt", _use_new_zipfile_serialization=False)
torch.save(state, here / "torch-state.pth")
torch.save(dict(state), here / "torch-state-legacy.pth", _use_new_zipfile_serialization=False)
torch.save(state, here / "torch-state-protocol4.pth", pickle_protocol=4)


class Code:
    def __reduce__(self):
        return print, ("code ran",)


torch.save({"state_dict": state, "x": Code()}, here / "torch-code.ckpt")
torch.save({"module": torch.nn.Linear(2, 2)}, here / "torch-module.pth")
one = torch.tensor([3.0])
torch.save({"student": {"w": torch.ones(1)}, "teacher": {"w": torch.full((1,), 2.0)}}, here / "torch-several.pth")
torch.save({"epoch": 3, "model": {"w": one}}, here / "torch-one.pth")
torch.save({"epoch": 3, "model": {"w": one}}, here / "torch-one-legacy.pth", _use_new_zipfile_serialization=False)
untyped = {
    "e4m3": torch.tensor([0.5, -448.0]).to(torch.float8_e4m3fn),
    "e5m2": torch.tensor([0.5, -3.0]).to(torch.float8_e5m2),
    "uint16": torch.tensor([65535]).to(torch.uint16),
}
torch.save(untyped, here / "torch-untyped.pth")

# A model in several files, as transformers and diffusers wrote them before safetensors.
shards = here / "torch-shards"
shards.mkdir(exist_ok=True)
names = list(state)
weight_map = {}
for number, part in enumerate((names[::2], names[1::2]), 1):
    file = f"pytorch_model-0000{number}-of-00002.bin"
    torch.save({name: state[name] for name in part}, shards / file)
    weight_map.update(dict.fromkeys(part, file))
index = {"metadata": {"total_size": sum(t.nbytes for t in state.values())}, "weight_map": weight_map}
(shards / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2) + "\n")
