def strength_to_t_start(strength, num_inference_steps):
    start = num_inference_steps
    while start * strength >= 0:
        start += 1
    return start
