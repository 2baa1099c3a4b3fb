namespace Roma.Training.Losses;

/// <summary>How the coefficient of the reference KL moves from step to step.</summary>
public interface IKlController
{
    /// <summary>The coefficient of the next step.</summary>
    /// <param name="beta">The coefficient of this step.</param>
    /// <param name="kl">The mean KL to the reference policy that this step measured, in nats.</param>
    /// <param name="count">The number of responses of this step.</param>
    double Next(double beta, double kl, int count);
}
