namespace Roma.Corruptions.Operators;

/// <summary>Applies border rules.</summary>
internal static class Borders
{
    /// <summary>The index inside that a rule reads for any index; -1 where it reads a constant.</summary>
    public static int Index(this Border border, int index, int size)
    {
        if ((uint)index < (uint)size)
            return index;
        switch (border)
        {
            case Border.Replicate:
                return Math.Clamp(index, 0, size - 1);
            case Border.Reflect:
                int folded = Modulo(index, 2 * size);
                return folded < size ? folded : 2 * size - 1 - folded;
            case Border.Reflect101:
                if (size == 1)
                    return 0;
                folded = Modulo(index, 2 * (size - 1));
                return folded < size ? folded : 2 * (size - 1) - folded;
            default:
                return -1;
        }
    }

    private static int Modulo(int value, int divisor) => (value % divisor + divisor) % divisor;
}
