namespace Roma.Training.Advantages;

/// <summary>By what a centred reward is divided.</summary>
public enum AdvantageScale
{
    /// <summary>The standard deviation of its group (GRPO).</summary>
    Group,

    /// <summary>The standard deviation of all scorable rewards of the step.</summary>
    Batch,

    /// <summary>Nothing (Dr. GRPO).</summary>
    None,
}
