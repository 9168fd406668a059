import sys


def strength_to_t_start(strength, num_inference_steps):
    for step in range(2_000):
        print("step", step, "of", num_inference_steps)
    print("on the other stream, \x1b[31mred\x1b[0m", file=sys.stderr)
    return num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps)


def combine_masked(mask, denoised, original):
    print("mask \x1b[2J\u202e", mask.flatten().tolist())
    return (denoised + original) / 2
