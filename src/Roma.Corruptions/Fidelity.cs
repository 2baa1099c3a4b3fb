namespace Roma.Corruptions;

/// <summary>How results become bytes, and what becomes of the slips of the published implementations.</summary>
public enum Fidelity
{
    /// <summary>Rounds to the nearest level, which keeps the mean, and leaves out known slips.</summary>
    Rounded,

    /// <summary>As imagecorruptions 1.1.2 does: cuts fractions off, which darkens by up to half a level, and repeats its slips (motion blur darkens narrow pictures).</summary>
    Parity,
}
