using Roma.Models.Checkpoints;

namespace Roma.Models.Layers;

/// <summary>Rotary angles of patches: the first half of a head's frequencies turns with the row, the second with the column.</summary>
internal sealed class PatchAngles(VisionConfig config)
{
    private readonly float[] _frequency = [.. Enumerable.Range(0, config.HiddenSize / config.Heads / 4)
        .Select(j => (float)(1 / Math.Pow(config.RopeTheta, j / (config.HiddenSize / config.Heads / 4.0))))];

    /// <summary>Angles of a patch: half of the width of a head.</summary>
    public int Width => 2 * _frequency.Length;

    /// <summary>Writes cosines and sines of one patch.</summary>
    public void Fill(int row, int column, Span<float> cos, Span<float> sin)
    {
        for (int j = 0; j < _frequency.Length; j++)
        {
            (sin[j], cos[j]) = MathF.SinCos(row * _frequency[j]);
            (sin[j + _frequency.Length], cos[j + _frequency.Length]) = MathF.SinCos(column * _frequency[j]);
        }
    }
}
