"""Any classifier of torchvision and timm trains, comes back from its checkpoint and is explained."""

from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

from lightning_skin.explain.cam import heat_maps
from lightning_skin.explain.target_layer import find_target_layer
from lightning_skin.models.checkpoint import CHECKPOINT_KEY, Facts, read_checkpoint
from lightning_skin.models.network import NetworkSpec, build_network
from lightning_skin.models.network_input import made_for

SIZES = {"inception_v3": 128, "inception_v4": 128, "maxvit_t": 224, "efficientformer_l1": 224}
# Built like smaller siblings of theirs.
LARGE = """
    convnext_base convnext_large convnext_small densenet161 densenet201 efficientnet_b3 efficientnet_b4
    efficientnet_b5 efficientnet_b6 efficientnet_b7 efficientnet_v2_l efficientnet_v2_m regnet_x_16gf
    regnet_x_32gf regnet_x_8gf regnet_y_128gf regnet_y_16gf regnet_y_32gf regnet_y_8gf resnet101 resnet152
    resnext101_32x8d resnext101_64x4d swin_b swin_s swin_v2_b swin_v2_s vgg13 vgg13_bn vgg16 vgg16_bn vgg19
    vgg19_bn vit_h_14 vit_l_16 vit_l_32 wide_resnet101_2
""".split()  # noqa: SIM905
TORCHVISION = sorted(set(torchvision.models.list_models(module=torchvision.models)) - set(LARGE))
TIMM = """
    beit_base_patch16_224 botnet26t_256 caformer_s18 cait_xxs24_224 coat_lite_tiny coatnet_0_rw_224
    convit_tiny convmixer_768_32 convnext_atto convnextv2_atto cs3darknet_s davit_tiny
    deit3_small_patch16_224 deit_tiny_distilled_patch16_224 deit_tiny_patch16_224 densenet121 dla34
    dpn68 edgenext_xx_small efficientformer_l1 efficientformerv2_s0 efficientnet_b0 efficientvit_b0
    ese_vovnet19b_dw eva02_tiny_patch14_224 fasternet_t0 fastvit_t8 focalnet_tiny_srf gcvit_xxtiny
    ghostnet_050 gmlp_s16_224 hgnetv2_b0 hiera_tiny_224 hrnet_w18_small inception_next_tiny inception_v3
    inception_v4 lcnet_050 legacy_seresnet18 levit_128s mambaout_femto maxvit_pico_rw_256 mixer_s16_224
    mobilenetv3_small_050 mobilenetv4_conv_small mobileone_s0 mobilevit_xxs mvitv2_tiny nest_tiny
    nf_regnet_b0 pit_ti_224 poolformer_s12 pvt_v2_b0 regnety_002 repvit_m0_9 res2net50_14w_8s
    resmlp_12_224 resnest14d resnet18 resnet26d resnetv2_18 rexnet_100 selecsls42 sequencer2d_s
    seresnext26d_32x4d shvit_s1 skresnet18 starnet_s1 swin_tiny_patch4_window7_224
    swinv2_tiny_window8_256 test_vit tf_efficientnetv2_b0 tiny_vit_5m_224 tresnet_m twins_svt_small
    vgg11 visformer_tiny vit_relpos_small_patch16_224 vit_small_patch14_dinov2 vit_small_patch16_dinov3
    vit_tiny_patch16_224 volo_d1_224 xception41 xcit_nano_12_p16_224
""".split()  # noqa: SIM905

# One of each kind; the others, which take minutes, are for whoever touches what builds or explains networks.
KINDS = """
    convnext_atto deit_tiny_distilled_patch16_224 densenet121 edgenext_xx_small efficientnet_b0
    eva02_tiny_patch14_224 fastvit_t8 hgnetv2_b0 inception_v3 levit_128s maxvit_pico_rw_256
    mobilenetv3_small_050 regnety_002 resnet18 sequencer2d_s swin_tiny_patch4_window7_224
    vit_tiny_patch16_224
""".split()  # noqa: SIM905


@pytest.mark.slow
@pytest.mark.parametrize(
    ("library", "name"),
    [
        *(("torchvision", name) for name in TORCHVISION),
        *(pytest.param("timm", name, marks=() if name in KINDS else pytest.mark.exhaustive) for name in TIMM),
    ],
)
def test_a_network_trains_comes_back_and_is_explained(library: str, name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    side = SIZES.get(name, 64)
    spec = made_for(NetworkSpec(library, name, 0.1, None), side)
    network = build_network(spec, 3).to(memory_format=torch.channels_last)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 1.0  # the statistics of one batch must do
    images, labels = torch.randn(2, 3, side, side), torch.tensor([0, 2])
    before = [parameter.clone() for parameter in network.parameters()]
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-6)
    nn.functional.cross_entropy(network.train()(images), labels).backward()
    optimizer.step()
    assert any(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))

    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    facts = Facts(spec, ("bkl", "mel", "nv"), {}, "").to_dict()
    torch.save({"state_dict": state, "epoch": 0, CHECKPOINT_KEY: facts}, tmp_path / "best.ckpt")
    back = read_checkpoint(tmp_path / "best.ckpt").network
    (tmp_path / "best.ckpt").unlink()
    with torch.no_grad():
        torch.testing.assert_close(back(images), network.eval()(images), rtol=1e-3, atol=1e-3)

    maps = heat_maps(back, find_target_layer(back, images), images, labels, "layercam")
    assert maps.shape == (2, side, side)
    assert maps.isfinite().all()
