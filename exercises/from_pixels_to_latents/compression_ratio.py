"""How much smaller a latent is than its picture: in numbers to store, and in places to work on."""


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many numbers the picture has for each number of the latent.

        numbers of a shape = C * H * W
        result             = numbers of the picture / numbers of the latent

    What you get:

        image_shape   (C, H, W): channels first, as torch has it, without the batch; each 1 or more
        latent_shape  (c, h, w), likewise

    What you return: a float. It need not be a whole number, and it is below 1 where the "latent" is the larger one.

    A worked example: (3, 512, 512) and (4, 64, 64) give 786432 / 16384 = 48.0.
    """
    raise NotImplementedError


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many places the picture has for each place of the latent.

    Inside a network every place has the same number of features, no matter how many channels the input has. So the cost
    of a layer depends on the area, and the channels of the input do not count:

        result = (H * W) / (h * w)

    What you get: image_shape (C, H, W) and latent_shape (c, h, w), as in compression_ratio. What you return: a float.

    A worked example: (3, 512, 512) and (4, 64, 64) give 262144 / 4096 = 64.0.
    """
    raise NotImplementedError
