def combine_masked(mask, denoised, original):
    return mask * denoised + (1 - mask) * original
