using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Roma.Corruptions.Operators;

/// <summary>A star of rays of random length about a point: its brightness falls with the distance, and each ray is brightest in its middle.</summary>
internal sealed class Rays
{
    private readonly float _row, _column;
    private readonly float[] _lengths;

    /// <summary>Places a star.</summary>
    /// <param name="row">Its centre's row.</param>
    /// <param name="column">Its centre's column.</param>
    /// <param name="lengths">The rays' lengths in pixels.</param>
    public Rays(float row, float column, IEnumerable<float> lengths)
    {
        (_row, _column) = (row, column);
        float[] all = [.. lengths];
        _lengths = GC.AllocateUninitializedArray<float>(all.Length + 2, pinned: true);
        all.CopyTo(_lengths, 0);
        (_lengths[^2], _lengths[^1]) = (all[0], all[1 % all.Length]); // so that a ray's successor needs no wrapping
    }

    /// <summary>Lengths about a mean: a quarter of it is their standard deviation.</summary>
    public static IEnumerable<float> Lengths(float mean, float least, float[] normal) => normal.Select(draw => Math.Max(least, mean + 0.25f * mean * draw));

    /// <summary>The brightness of eight pixels of a row, 0 to 1.</summary>
    /// <param name="y">The row.</param>
    /// <param name="x">The first column.</param>
    /// <param name="falloff">Half the power of length / distance.</param>
    public Vector256<float> At(int y, int x, float falloff)
    {
        Vector256<float> dy = Vector256.Create(y - _row), dx = Vector256.Create((float)x) + Vector256<float>.Indices - Vector256.Create(_column);
        int rays = _lengths.Length - 2;
        Vector256<float> d = Vector256.Max((VectorMath.Atan2(dx, dy) + Vector256.Create((float)Math.PI)) * (float)(rays / (2 * Math.PI)), Vector256<float>.Zero), whole = Vector256.Floor(d);
        var index = Vector256.Min(Vector256.ConvertToInt32Native(whole), Vector256.Create(rays));
        Vector256<float> f = d - whole, start = Look(index), end = Look(index + Vector256<int>.One);
        Vector256<float> length = start + f * (end - start), glow = length * length / (dx * dx + dy * dy + Vector256.Create(1e-4f));
        if (falloff != 1)
            glow = VectorMath.Exp(VectorMath.Log(Vector256.Max(glow, Vector256.Create(1e-30f))) * falloff);
        f -= Vector256.Create(0.5f);
        return Vector256.Min((Vector256<float>.One - f * f) * glow, Vector256<float>.One);
    }

    private unsafe Vector256<float> Look(Vector256<int> index)
    {
        float* lengths = (float*)Unsafe.AsPointer(ref _lengths[0]); // pinned
        if (Avx2.IsSupported)
            return Avx2.GatherVector256(lengths, index, sizeof(float));
        Vector256<float> found = default;
        for (int k = 0; k < Vector256<float>.Count; k++)
            found = found.WithElement(k, lengths[index[k]]);
        return found;
    }
}
