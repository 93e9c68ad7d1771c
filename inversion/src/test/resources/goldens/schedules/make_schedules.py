"""What diffusers makes of the configs of its schedulers: timesteps, alphas_cumprod, single steps.

Run: python make_schedules.py CONFIGS OUT   (needs torch, diffusers, safetensors)
CONFIGS: one JSON a scheduler as save_pretrained writes it. Every config is read by DDIMScheduler.from_config, with
what StableDiffusionPipeline sets in it (steps_offset 1, clip_sample false).
"""
import glob, json, os, sys, torch, warnings
from safetensors.torch import save_file
from diffusers import DDIMScheduler, DDIMInverseScheduler

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
configs, out = sys.argv[1:]
SD = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", set_alpha_to_one=False)
named = {os.path.basename(f)[:-5]: json.load(open(f)) for f in sorted(glob.glob(configs + "/*.json"))}
V = dict(SD, prediction_type="v_prediction")
cases = [(name, c, (20,)) for name, c in named.items()] + [
    ("leading", SD, (1, 7, 30, 999)),
    ("trailing", dict(SD, timestep_spacing="trailing"), (1, 2, 7, 20, 30, 48, 61, 96, 432, 1000)),
    ("linspace", dict(SD, timestep_spacing="linspace"), (1, 2, 7, 20, 30, 50, 1000)),
    ("zero-snr", dict(V, rescale_betas_zero_snr=True, timestep_spacing="trailing"), (1, 7, 20)),
    ("zero-snr-one", dict(V, rescale_betas_zero_snr=True, timestep_spacing="trailing", set_alpha_to_one=True), (20,)),
    ("zero-snr-leading", dict(V, rescale_betas_zero_snr=True), (20,)),
    ("zero-snr-sample", dict(V, rescale_betas_zero_snr=True, timestep_spacing="trailing", prediction_type="sample"), (20,)),
    ("cosine", dict(SD, beta_schedule="squaredcos_cap_v2"), (20,)),
    ("trained", dict(SD, num_train_timesteps=40, trained_betas=[0.01 + 0.0007 * i for i in range(40)]), (10,)),
]
meta, io = [], {}
torch.manual_seed(5)
for name, config, counts in cases:
    asked = {"steps_offset": 1, "clip_sample": False}
    forward = DDIMScheduler.from_config(config, **asked)
    linspace = forward.config.timestep_spacing == "linspace"
    io[name + ".alphas_cumprod"] = forward.alphas_cumprod[::37].clone()
    for n in counts:
        forward.set_timesteps(n)
        steps = forward.timesteps.tolist()[:n]  # NumPy's arange makes one more, -1, of some numbers of trailing steps
        case = {"name": name, "config": config, "steps": n, "timesteps": steps}
        meta.append(case)
        if n not in (7, 10, 20):
            continue
        # DDIMInverseScheduler knows no linspace: it steps between any two timesteps alike
        inverse = DDIMInverseScheduler.from_config(config, **asked, **({"timestep_spacing": "leading"} if linspace else {}))
        inverse.set_timesteps(n)
        if not linspace:
            assert inverse.timesteps.tolist() == steps[::-1], name
        key = f"{name}.{n}"
        x, e = torch.randn(1, 4, 2, 2), torch.randn(1, 4, 2, 2)
        io[key + ".sample"], io[key + ".model_output"] = x, e
        case["picks"] = [0, 1, n - 2, n - 1]
        for p in case["picks"]:
            io[f"{key}.step.{p}"] = forward.step(e, steps[p], x).prev_sample
            io[f"{key}.inverse_step.{p}"] = inverse.step(e, torch.tensor(steps[::-1][p]), x).prev_sample
for v in io: assert io[v].isfinite().all(), v
os.makedirs(out, exist_ok=True)
json.dump(meta, open(out + "/cases.json", "w"))
save_file({k: v.contiguous() for k, v in io.items()}, out + "/io.safetensors")
