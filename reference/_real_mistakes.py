"""Three known mistakes of each exercise that its checks on a real model must catch, by the names of the variants.

They are caught on weights that never learned anything, too, whose predictions hardly depend on anything.
"""

CAUGHT_ON_A_REAL_MODEL = {
    "text_to_image": ("prompts_swapped", "guidance_ignored", "result_not_fed_back"),
    "encode_image": ("zero_to_one", "no_scaling_factor", "blue_first"),
    "decode_latents": ("no_scaling_factor", "blue_first", "height_and_width_swapped"),
    "latent_training_loss": ("no_scaling_factor", "weights_swapped", "same_timestep_for_all"),
    "img2img": ("starts_at_the_top", "clean_start", "keeps_a_trace_at_full_strength"),
    "inpaint": ("inverted_mask", "ignores_the_text", "nothing_after_the_last_step"),
    "sketch_to_picture": ("ignores_the_mask", "one_prompt_for_both_stages", "same_strength_in_both_stages"),
    "ddim_step": ("no_square_roots", "noise_of_the_current_timestep", "estimate_returned"),
    "classifier_free_guidance": ("order_swapped", "scale_on_the_text_only", "one_less"),
    "lora_target_modules": ("self_attention_too", "output_missing", "downwards_only"),
    "lora_training_step": ("no_scaling_factor", "base_trained", "one_timestep_for_all"),
    "add_pseudo_token": ("new_table", "overwrites_the_initializer", "returns_the_initializers_id"),
    "restore_rows": ("only_rows_with_gradient", "restores_every_row", "returns_copy"),
    "inversion_training_step": ("rows_drift", "restores_every_row", "no_scaling_factor"),
    "save_embedding": ("last_row", "half_precision", "whole_table"),
}
