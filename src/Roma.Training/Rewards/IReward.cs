namespace Roma.Training.Rewards;

/// <summary>One named part of a response's reward. A sealed record whose constructor parameters are the YAML keys; pure, in time linear in the response, and never throwing on any text.</summary>
public interface IReward
{
    /// <summary>What the part is multiplied with in the total.</summary>
    double Weight { get; }

    /// <summary>Scores a response.</summary>
    /// <param name="response">The response.</param>
    /// <returns>The part, before its weight; null where it cannot be determined: the response is then outside the step, neither right nor wrong.</returns>
    double? Score(Response response);
}
