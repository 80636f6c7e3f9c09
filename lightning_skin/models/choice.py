"""A network as the configuration names it, judged before any image is read."""

from dataclasses import dataclass

from lightning_skin.errors import InputError
from lightning_skin.models.network import NetworkSpec
from lightning_skin.models.network_input import NetworkInput, build_shapes, made_for, own_input
from lightning_skin.models.weights import check_weights


@dataclass(frozen=True)
class NetworkChoice:
    """What is known of a network without its classes.

    Attributes:
        library: ``torchvision`` or ``timm``.
        name: Of the network in that library.
        stem: ``standard``, or ``small`` for a ResNet on small images.
        weights: Of the backbone, by name or file; ``None`` starts from random ones.
        train_from: First part that is trained; ``None`` trains all.
        image_size: Side of the images, in pixels; ``None`` for the network's own.
    """

    library: str
    name: str
    stem: str
    weights: str | None
    train_from: str | None
    image_size: int | None

    def settle(self) -> NetworkInput:
        """The images that this network is to be given.

        Raises:
            InputError: There is no such network, it cannot take such images, its weights cannot be had or do
                not fit, or a part of it would be frozen at random weights.
        """
        spec = NetworkSpec(self.library, self.name, 0.0, None, self.stem)
        build_shapes(spec, 2)
        own = own_input(self.library, self.name, self.weights)
        image_size = own.image_size if self.image_size is None else self.image_size
        fitting = made_for(spec, image_size)
        network = build_shapes(fitting, 2)
        network.train_from(self.train_from)
        if self.weights is not None:
            check_weights(network, fitting, self.weights)
        elif self.train_from is not None:
            raise InputError(
                f"model.train_from is {self.train_from}, which would freeze random weights; "
                "name pretrained ones with model.weights, or set model.train_from=null"
            )
        return own._replace(image_size=image_size)
