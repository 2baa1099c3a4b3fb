using Roma.Core;
using Roma.Corruptions;

namespace Roma.Training;

/// <summary>Where corrupted views come from.</summary>
/// <param name="Suite">A corruption suite of the catalogue; each view draws one of its corruptions uniformly.</param>
/// <param name="Severities">The lowest and the highest severity, each drawn uniformly.</param>
/// <param name="Share">The share of a step's prompts that get views, above 0 to 1: half is nearly as good and cheaper.</param>
/// <param name="Scale">What a corruption's lengths in pixels mean.</param>
/// <param name="Curriculum">The share of the run over which the highest severity drawn grows evenly from the lowest one to the highest, 0 to 1; 0: none.</param>
public sealed record ViewSettings(string Suite = "seen", IReadOnlyList<int>? Severities = null, double Share = 1, PixelScale Scale = PixelScale.Absolute, double Curriculum = 0)
{
    /// <summary>The lowest and the highest severity.</summary>
    public IReadOnlyList<int> Severities { get; init; } = (Severities ?? [1, 5]) is [>= 1 and <= 5, >= 1 and <= 5] range && range[0] <= range[1]
        ? range : throw new RomaException("severities are the lowest and the highest of 1 to 5, for example [1, 5].");

    /// <summary>The share of a step's prompts that get views.</summary>
    public double Share { get; init; } = Require.Within(Share, 0, 1, openBelow: true);

    /// <summary>The share of the run over which severities grow.</summary>
    public double Curriculum { get; init; } = Require.Within(Curriculum, 0, 1);
}
