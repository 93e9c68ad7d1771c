"""Runs of diffusers' multistep schedulers at the timesteps of DDIMScheduler, with predictions drawn at random.

Run: python make_solvers.py OUT   (needs torch, diffusers, safetensors)
"""
import json, os, sys, torch
from safetensors.torch import save_file
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, UniPCMultistepScheduler

torch.set_num_threads(1)
torch.manual_seed(6)
out = sys.argv[1]
SD = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", set_alpha_to_one=False)
ONE = dict(SD, set_alpha_to_one=True)
cases = [
    ("few", SD, 8), ("many", SD, 20), ("two", SD, 2), ("one", SD, 1), ("to-the-end", ONE, 20),
    ("trailing", dict(SD, timestep_spacing="trailing"), 10), ("linspace", dict(SD, timestep_spacing="linspace"), 10),
    ("velocity", dict(ONE, prediction_type="v_prediction"), 16), ("sample", dict(SD, prediction_type="sample"), 16),
    ("zero-snr", dict(ONE, prediction_type="v_prediction", rescale_betas_zero_snr=True, timestep_spacing="trailing"), 9),
    ("cosine", dict(SD, beta_schedule="squaredcos_cap_v2"), 12),
]
solvers = {"dpm++2m": DPMSolverMultistepScheduler, "unipc": UniPCMultistepScheduler}
meta, io = [], {}
for name, config, n in cases:
    ddim = DDIMScheduler.from_config(config, steps_offset=1, clip_sample=False)
    ddim.set_timesteps(n)
    steps = ddim.timesteps.tolist()
    meta.append({"name": name, "config": config, "steps": n})
    outputs, x = torch.randn(n, 1, 4, 2, 2), torch.randn(1, 4, 2, 2)
    io[name + ".outputs"], io[name + ".sample"] = outputs, x
    for title, kind in solvers.items():
        s = kind.from_config(config, final_sigmas_type="zero" if config["set_alpha_to_one"] else "sigma_min")
        s.set_timesteps(n)
        s.timesteps = torch.tensor(steps)  # UniPC takes no timesteps of one's own
        sigma = ((1 - s.alphas_cumprod) / s.alphas_cumprod) ** 0.5
        last = torch.zeros(1) if config["set_alpha_to_one"] else sigma[:1]
        s.sigmas = torch.cat([sigma[s.timesteps], last]).float()
        sample, chain = x, []
        for t, output in zip(s.timesteps, outputs):
            sample = s.step(output, t, sample).prev_sample
            chain.append(sample)
        io[f"{name}.{title}"] = torch.stack(chain)
for k, v in io.items(): assert v.isfinite().all(), k
os.makedirs(out, exist_ok=True)
json.dump(meta, open(out + "/cases.json", "w"))
save_file({k: v.contiguous() for k, v in io.items()}, out + "/io.safetensors")
