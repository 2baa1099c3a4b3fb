using Roma.Core;

namespace Roma.Training;

/// <summary>Ends a run before its last step, at a validation or by the clock.</summary>
/// <param name="Accuracy">Enough clean accuracy on the validation questions, 0..1; null: never enough.</param>
/// <param name="Category">Beside <paramref name="Accuracy"/>, every category must reach this accuracy too: a kind of question that was never learnt stalls reinforcement learning.</param>
/// <param name="Seconds">Seconds of training (validation and checkpoints excluded) after which the run ends; null: none.</param>
/// <param name="MinSteps">Steps before which <paramref name="Seconds"/> do not end the run.</param>
public sealed record StopSettings(double? Accuracy = null, double Category = 0, double? Seconds = null, int MinSteps = 0)
{
    /// <summary>Enough clean accuracy on the validation questions.</summary>
    public double? Accuracy { get; init; } = Accuracy is { } accuracy ? Require.Within(accuracy, 0, 1, name: nameof(Accuracy)) : null;

    /// <summary>What every category must reach too.</summary>
    public double Category { get; init; } = Category == 0 || Accuracy is not null ? Require.Within(Category, 0, 1)
        : throw new RomaException("stop.category alone ends nothing: it is asked beside stop.accuracy.", "Set stop.accuracy too.");

    /// <summary>Seconds of training after which the run ends.</summary>
    public double? Seconds { get; init; } = Seconds is { } seconds ? Require.NotNegative(seconds, nameof(Seconds)) : null;

    /// <summary>Steps before which the clock does not end the run.</summary>
    public int MinSteps { get; init; } = MinSteps == 0 || Seconds is not null ? Require.AtLeast(MinSteps, 0)
        : throw new RomaException("stop.min_steps alone ends nothing: it holds back stop.seconds.", "Set stop.seconds too; how long a run is says steps.");
}
