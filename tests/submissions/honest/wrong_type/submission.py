def strength_to_t_start(strength, num_inference_steps):
    start = num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps)
    print("start", start)


def combine_masked(mask, denoised, original):
    return (mask * denoised + (1 - mask) * original).tolist()
