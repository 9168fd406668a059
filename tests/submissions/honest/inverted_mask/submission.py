def combine_masked(mask, denoised, original):
    # keep the masked part
    return mask * original + (1 - mask) * denoised
