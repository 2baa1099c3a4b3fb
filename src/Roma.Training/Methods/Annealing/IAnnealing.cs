namespace Roma.Training.Methods.Annealing;

/// <summary>How a strength fades over training.</summary>
public interface IAnnealing
{
    /// <summary>What is left, 0..1.</summary>
    /// <param name="step">The training step, from 1.</param>
    /// <param name="steps">The number of training steps.</param>
    double Remaining(int step, int steps);
}
