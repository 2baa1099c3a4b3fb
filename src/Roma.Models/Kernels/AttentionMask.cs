using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>Boolean masks (true: may see) of a packed layout, for the general attention operation. Rows of padding see themselves, lest their softmax be empty.</summary>
internal static class AttentionMask
{
    /// <summary>[B, 1, Tp, Tp].</summary>
    public static Tensor Prefix(PackedLayout layout, Device device)
    {
        (int B, int Tp) = (layout.B, layout.Tp);
        bool[] mask = new bool[B * Tp * Tp];
        for (int b = 0; b < B; b++)
            for (int i = 0, start = Tp - layout.PrefixLengths[b]; i < Tp; i++)
                for (int j = 0; j < Tp; j++)
                    mask[(b * Tp + i) * Tp + j] = i == j || (j >= start && i >= start && (!layout.Causal || j < i));
        return tensor(mask, [B, 1, Tp, Tp], device: device);
    }

    /// <summary>[B G, 1, Tr, Tp + Tr].</summary>
    public static Tensor Response(PackedLayout layout, Device device)
    {
        (int R, int Tp, int Tr, int keys) = (layout.ResponseLengths.Count, layout.Tp, layout.Tr, layout.Tp + layout.Tr);
        bool[] mask = new bool[R * Tr * keys];
        for (int r = 0; r < R; r++)
            for (int i = 0, start = Tp - layout.PrefixLengths[r / layout.G]; i < Tr; i++)
                for (int j = start; j <= Tp + i; j++)
                    mask[(r * Tr + i) * keys + j] = true;
        return tensor(mask, [R, 1, Tr, keys], device: device);
    }
}
