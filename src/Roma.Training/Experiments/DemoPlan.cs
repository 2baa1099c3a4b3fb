namespace Roma.Training.Experiments;

/// <summary>How large a demo is.</summary>
/// <param name="Steps">Optimiser steps of ROMA.</param>
/// <param name="StartAccuracy">Clean accuracy at which the warm start ends.</param>
/// <param name="Samples">Test questions with clean pictures.</param>
/// <param name="SamplesPerCell">Test questions per corruption and severity.</param>
public sealed record DemoPlan(int Steps, double StartAccuracy, int Samples, int SamplesPerCell)
{
    // Seconds x GFLOPS (fp32 2048^3 product) on two cores, measured: a warm-start step, a step of ROMA, a test question.
    private const double WarmStartStep = 25, RomaStep = 30, Question = 0.16;
    private const int WarmStartSteps = 350, TrainedArms = 3, EvaluatedModels = 5, Cells = 50;

    /// <summary>The whole demo: about ten minutes on a laptop with its build.</summary>
    public static readonly DemoPlan Full = new(550, 0.68, 1000, 100);

    /// <summary>A smaller one of two minutes, to see that everything works; its differences are smaller and less certain.</summary>
    public static readonly DemoPlan Quick = new(60, 0.5, 300, 20);

    /// <summary>Test questions of one model.</summary>
    public int Questions => Samples + Cells * SamplesPerCell;

    /// <summary>A forecast of one repetition's time.</summary>
    /// <param name="gflops">Of this machine.</param>
    public TimeSpan Forecast(double gflops) =>
        TimeSpan.FromSeconds((WarmStartSteps * WarmStartStep + TrainedArms * Steps * RomaStep + EvaluatedModels * Questions * Question) / gflops);
}
