using Roma.Models.Checkpoints;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>
/// Rotary angles of the language model with multimodal sections. Interleaved (Qwen3-VL technical report, 2025): frequency j turns with the height where j % 3 == 1, with the width where j % 3 == 2
/// (each up to 3 times its section) and with time elsewhere. Otherwise (Qwen2-VL, 2024) the sections of time, height and width follow each other. Angles are computed in fp32, as the reference does.
/// </summary>
internal sealed class RotaryTable
{
    private readonly float[] _inverseFrequency;
    private readonly int[] _axis;

    /// <summary>Prepares the frequencies.</summary>
    public RotaryTable(TextConfig config)
    {
        int half = config.HeadDim / 2;
        IReadOnlyList<int> section = config.MropeSection;
        _inverseFrequency = [.. Enumerable.Range(0, half).Select(j => (float)(1 / Math.Pow(config.RopeTheta, 2.0 * j / config.HeadDim)))];
        _axis = [.. Enumerable.Range(0, half).Select(j => config.MropeInterleaved ? j % 3 != 0 && j < 3 * section[j % 3] ? j % 3 : 0 : j < section[0] ? 0 : j < section[0] + section[1] ? 1 : 2)];
    }

    /// <summary>Cosines and sines [N, D / 2] of N rows with positions (time, height, width).</summary>
    public (Tensor Cos_NF, Tensor Sin_NF) Angles(ReadOnlySpan<(int T, int H, int W)> positions, Device device)
    {
        int half = _axis.Length;
        float[] cos = new float[positions.Length * half], sin = new float[positions.Length * half];
        for (int n = 0; n < positions.Length; n++)
        {
            (int t, int h, int w) = positions[n];
            for (int j = 0; j < half; j++)
                (sin[n * half + j], cos[n * half + j]) = MathF.SinCos(_inverseFrequency[j] * (_axis[j] switch { 0 => t, 1 => h, _ => w }));
        }
        return (tensor(cos, [positions.Length, half], device: device), tensor(sin, [positions.Length, half], device: device));
    }
}
