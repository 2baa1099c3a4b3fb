using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>Boolean masks (true: may see) of a packed layout padded on the right, for the general attention operation. Padding sees itself, lest its softmax be empty.</summary>
internal static class AttentionMask
{
    /// <summary>[B, 1, longest prefix, longest prefix].</summary>
    public static Tensor Prefix(PackedLayout layout, Device device)
    {
        (int B, int T) = (layout.B, layout.LongestPrefix);
        bool[] mask = new bool[B * T * T];
        for (int b = 0; b < B; b++)
            for (int i = 0; i < T; i++)
                for (int j = 0; j < T; j++)
                    mask[(b * T + i) * T + j] = i == j || (Math.Max(i, j) < layout.PrefixLengths[b] && (!layout.Causal || j < i));
        return tensor(mask, [B, 1, T, T], device: device);
    }

    /// <summary>[R, 1, longest response, longest prefix + longest response].</summary>
    public static Tensor Response(PackedLayout layout, Device device)
    {
        (int R, int Tp, int Tr) = (layout.ResponseLengths.Count, layout.LongestPrefix, layout.LongestResponse);
        bool[] mask = new bool[R * Tr * (Tp + Tr)];
        for (int r = 0; r < R; r++)
            for (int i = 0; i < Tr; i++)
                for (int j = 0; j <= Tp + i; j++)
                    mask[(r * Tr + i) * (Tp + Tr) + j] = j >= Tp || j < layout.PrefixLengths[layout.Owners[r]];
        return tensor(mask, [R, 1, Tr, Tp + Tr], device: device);
    }
}
