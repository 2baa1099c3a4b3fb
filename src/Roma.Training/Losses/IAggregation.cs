namespace Roma.Training.Losses;

/// <summary>How token losses become one number: a weighted sum, whose weights know the whole optimiser step and so not how it is cut into micro-batches.</summary>
public interface IAggregation
{
    /// <summary>The weight of each token of a counted response.</summary>
    /// <param name="tokens">The response's number of tokens, at least 1.</param>
    /// <param name="step">What the whole step counts.</param>
    double Weight(int tokens, StepDenominators step);
}
