namespace Roma.Corruptions.Operators;

/// <summary>A colour.</summary>
internal readonly record struct Rgb(byte R, byte G, byte B)
{
    public static Rgb Black { get; } = new(0, 0, 0);

    public static Rgb White { get; } = new(255, 255, 255);

    /// <summary>A saturated colour from a place 0..1 on the colour circle.</summary>
    public static Rgb OfHue(double turn)
    {
        static byte Channel(double t) => (byte)Math.Round(255 * Math.Clamp(Math.Abs((t - Math.Floor(t)) * 6 - 3) - 1, 0, 1));
        return new(Channel(turn), Channel(turn - 1.0 / 3), Channel(turn + 1.0 / 3));
    }
}
