using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>Which corruptions at which severities a picture is to go through, and how.</summary>
internal sealed record CorruptionRequest(Catalogue Catalogue, IReadOnlyList<View> Cells, PixelScale Scale, Fidelity Fidelity)
{
    /// <summary>The picture as a cell shows it.</summary>
    /// <param name="image">The clean picture.</param>
    /// <param name="cell">One of <see cref="Cells"/>.</param>
    /// <param name="key">What keys the draws besides the seed: the picture's hash, or its sample.</param>
    /// <param name="index">The picture's place among the sample's.</param>
    public RgbImage Apply(RgbImage image, View cell, string key, int index = 0) => Catalogue.Apply(image, cell, key, index, Scale, Fidelity);

    /// <summary>The operator of a cell with its parameters, as JSON.</summary>
    public string Parameters(View cell) => StrictYaml.ToJson(Catalogue[cell.Corruption].Severities[cell.Severity - 1]);
}
