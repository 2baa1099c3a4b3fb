namespace Roma.Training.Advantages;

/// <summary>How much better than expected each token of a step was, from rewards alone. Computed in double: in float32 an all-equal group of rewards 0.9 would get 0.056.</summary>
public interface IAdvantage
{
    /// <summary>The fewest responses a question whose rewards say anything: 2 where each is compared with its group.</summary>
    int SmallestGroup => 2;

    /// <summary>The advantages, [N, T]; an unscorable response has 0 and changes no other's.</summary>
    /// <param name="step">All responses of the optimiser step.</param>
    double[,] Compute(Trajectories step);
}
