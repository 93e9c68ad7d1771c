"""The gradient of pix2pix-zero's loss with respect to the text embedding, for every case of unet-sd1 and unet-sd2 here.

Run: python text_gradient.py    (needs torch, safetensors; made with torch 2.13+cpu)
Writes text-gradient.safetensors beside each io.safetensors. UNet2DConditionModel in plain torch; before it writes it checks itself against what
diffusers made: noise, loss and the latent's gradient.
"""
import json, math, os, torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

torch.set_num_threads(1)

class UNet:
    def __init__(self, folder):
        self.config = json.load(open(os.path.join(folder, "config.json")))
        self.w = load_file(os.path.join(folder, "diffusion_pytorch_model.safetensors"))

    def linear(self, x, name):
        weight = self.w[name + ".weight"]
        return F.linear(x, weight.flatten(1), self.w.get(name + ".bias"))

    def conv(self, x, name, stride=1):
        weight = self.w[name + ".weight"]
        return F.conv2d(x, weight, self.w[name + ".bias"], stride, weight.shape[-1] // 2)

    def norm(self, x, name, eps):
        return F.group_norm(x, self.config["norm_num_groups"], self.w[name + ".weight"], self.w[name + ".bias"], eps)

    def resnet(self, x, name):
        h = self.conv(F.silu(self.norm(x, name + ".norm1", self.config["norm_eps"])), name + ".conv1")
        h = h + self.linear(F.silu(self.time), name + ".time_emb_proj")[:, :, None, None]
        h = self.conv(F.silu(self.norm(h, name + ".norm2", self.config["norm_eps"])), name + ".conv2")
        return h + (self.conv(x, name + ".conv_shortcut") if name + ".conv_shortcut.weight" in self.w else x)

    def attend(self, x, context, name, heads):
        q, k, v = (self.linear(y, f"{name}.to_{n}").unflatten(-1, (heads, -1)).transpose(1, 2) for y, n in ((x, "q"), (context, "k"), (context, "v")))
        probs = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1)
        if name in self.reference:
            self.loss = self.loss + (probs - self.reference[name].reshape(probs.shape)).square().sum() / (probs.shape[0] * heads)
        return self.linear((probs @ v).transpose(1, 2).flatten(2), name + ".to_out.0")

    def transformer(self, x, name, level):
        heads = self.config["attention_head_dim"]
        heads = heads if isinstance(heads, int) else heads[level]
        block, size = name + ".transformer_blocks.0", x.shape[2:]
        h = self.linear(self.norm(x, name + ".norm", 1e-6).flatten(2).transpose(1, 2), name + ".proj_in")
        normed = lambda y, n: F.layer_norm(y, y.shape[-1:], self.w[f"{block}.{n}.weight"], self.w[f"{block}.{n}.bias"], 1e-5)
        own = normed(h, "norm1")
        h = h + self.attend(own, own, block + ".attn1", heads)
        h = h + self.attend(normed(h, "norm2"), self.context, block + ".attn2", heads)
        value, gate = self.linear(normed(h, "norm3"), block + ".ff.net.0.proj").chunk(2, -1)
        h = h + self.linear(value * F.gelu(gate), block + ".ff.net.2")
        return x + self.linear(h, name + ".proj_out").transpose(1, 2).unflatten(2, size)

    def layer(self, x, block, i, level):
        x = self.resnet(x, f"{block}.resnets.{i}")
        return self.transformer(x, f"{block}.attentions.{i}", level) if f"{block}.attentions.{i}.norm.weight" in self.w else x

    def __call__(self, x, timestep, context, reference):
        self.context, self.reference, self.loss = context, reference, 0
        channels, layers = self.config["block_out_channels"], self.config["layers_per_block"]
        half = channels[0] // 2
        angles = timestep * torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
        waves = torch.cat([angles.cos(), angles.sin()])[None]
        self.time = self.linear(F.silu(self.linear(waves, "time_embedding.linear_1")), "time_embedding.linear_2")
        x = self.conv(x, "conv_in")
        skips = [x]
        for level in range(len(channels)):
            for i in range(layers):
                x = self.layer(x, f"down_blocks.{level}", i, level)
                skips.append(x)
            if level + 1 < len(channels):
                x = self.conv(x, f"down_blocks.{level}.downsamplers.0.conv", 2)
                skips.append(x)
        x = self.layer(x, "mid_block", 0, -1)
        x = self.resnet(x, "mid_block.resnets.1")
        for block in range(len(channels)):
            for i in range(layers + 1):
                x = self.layer(torch.cat([x, skips.pop()], 1), f"up_blocks.{block}", i, len(channels) - 1 - block)
            if block + 1 < len(channels):
                x = self.conv(F.interpolate(x, scale_factor=2.0), f"up_blocks.{block}.upsamplers.0.conv")
        return self.conv(F.silu(self.norm(x, "conv_norm_out", self.config["norm_eps"])), "conv_out")

def check(what, actual, expected):
    error = float((actual.detach() - expected).abs().max() / expected.abs().max())
    print(what, f"{error:.1e}")
    assert error < 5e-5, what

def main(folder):
    unet, io, out = UNet(folder), load_file(os.path.join(folder, "io.safetensors")), {}
    for case in sorted({name.split(".")[0] for name in io}):
        prefix = case + ".reference."
        reference = {name[len(prefix):]: value for name, value in io.items() if name.startswith(prefix)}
        latent, context = (io[f"{case}.{n}"].clone().requires_grad_(True) for n in ("latent", "context"))
        noise = unet(latent, float(io[case + ".timestep"]), context, reference)
        of_loss = torch.autograd.grad(unet.loss, (latent, context), retain_graph=True)
        check(f"{folder} {case} noise", noise, io[case + ".noise"])
        check(f"{folder} {case} loss", unet.loss, io[case + ".loss"][0])
        check(f"{folder} {case} latent_grad", of_loss[0], io[case + ".latent_grad"])
        out[case + ".loss_grad"] = of_loss[1]
        out[case + ".noise_grad"] = torch.autograd.grad(noise.square().sum(), context)[0]
    save_file(out, os.path.join(folder, "text-gradient.safetensors"))

for name in ("unet-sd1", "unet-sd2"):
    main(os.path.join(os.path.dirname(os.path.abspath(__file__)), name))
