namespace Roma.Training.Optimization;

/// <summary>The course of the learning rate.</summary>
public interface ILearningRateSchedule
{
    /// <summary>The share of the largest learning rate, 0..1.</summary>
    /// <param name="step">The optimiser step, from 0.</param>
    /// <param name="steps">The number of optimiser steps of the run.</param>
    double At(int step, int steps);

    /// <summary>
    /// A linear rise over the first <paramref name="warmup"/> steps, whose first is not 0, then <paramref name="decay"/> of how much of the rest is done, in [0, 1).
    /// </summary>
    internal static double WarmUp(int warmup, int step, int steps, Func<double, double> decay) =>
        step < warmup ? (step + 1.0) / warmup : decay(Math.Min(1, (double)(step - warmup) / Math.Max(1, steps - warmup)));
}
