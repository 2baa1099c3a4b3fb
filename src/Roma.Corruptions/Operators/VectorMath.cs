using System.Runtime.Intrinsics;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Elementary functions of eight floats at once, by polynomials through Chebyshev nodes. Fused operations round once everywhere, so every machine gets the same bits.
/// </summary>
internal static class VectorMath
{
    /// <summary>Sine and cosine of an angle in radians, up to 1e4 in size; absolute error below 3e-7.</summary>
    public static (Vector256<float> Sin, Vector256<float> Cos) SinCos(Vector256<float> x)
    {
        Vector256<float> quadrant = Vector256.Round(x * (float)(2 / Math.PI));
        Vector256<float> r = Vector256.FusedMultiplyAdd(quadrant, Vector256.Create(-1.5703125f), x); // pi/2 in three parts
        r = Vector256.FusedMultiplyAdd(quadrant, Vector256.Create(-4.83751297e-4f), r);
        return Turn(Vector256.FusedMultiplyAdd(quadrant, Vector256.Create(-7.54978995489e-8f), r), Vector256.ConvertToInt32Native(quadrant));
    }

    /// <summary>Sine and cosine of an angle of [0, 1] full turns; absolute error below 2e-7.</summary>
    public static (Vector256<float> Sin, Vector256<float> Cos) SinCosTurns(Vector256<float> turns)
    {
        Vector256<float> quadrant = Vector256.Round(turns * 4f), r = Vector256.FusedMultiplyAdd(turns, Vector256.Create(4f), -quadrant) * (float)(Math.PI / 2);
        return Turn(r, Vector256.ConvertToInt32Native(quadrant));
    }

    /// <summary>Natural logarithm of a positive normal number; relative error below 3e-7 off 1, absolute near it.</summary>
    public static Vector256<float> Log(Vector256<float> x)
    {
        Vector256<int> bits = x.AsInt32(), power = (bits - Vector256.Create(0x3F3504F3)) >> 23; // so that the rest is 0.707 to 1.414
        Vector256<float> rest = (bits - (power << 23)).AsSingle(), s = (rest - Vector256<float>.One) / (rest + Vector256<float>.One), square = s * s;
        Vector256<float> p = Vector256.FusedMultiplyAdd(Vector256.Create(0.2992439047f), square, Vector256.Create(0.3997485052f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(0.6666681534f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(2f));
        return Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(power), Vector256.Create((float)Math.Log(2)), p * s);
    }

    /// <summary>The exponential function, from e^-87 to e^88; relative error below 3e-7.</summary>
    public static Vector256<float> Exp(Vector256<float> x)
    {
        x = Vector256.Min(Vector256.Max(x, Vector256.Create(-87f)), Vector256.Create(88f)) * (float)(1 / Math.Log(2));
        Vector256<float> whole = Vector256.Round(x), r = x - whole, p = Vector256.Create(0.000154614447f);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.001340042818f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.009618056679f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.05550327227f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.2402265092f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.6931472067f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        return (p.AsInt32() + (Vector256.ConvertToInt32Native(whole) << 23)).AsSingle();
    }

    /// <summary>The angle of (x, y) in radians, -pi to pi; absolute error below 5e-7.</summary>
    public static Vector256<float> Atan2(Vector256<float> y, Vector256<float> x)
    {
        Vector256<float> ax = Vector256.Abs(x), ay = Vector256.Abs(y), steep = Vector256.GreaterThan(ay, ax);
        Vector256<float> ratio = Vector256.Min(ax, ay) / Vector256.Max(Vector256.Max(ax, ay), Vector256.Create(1e-30f)), square = ratio * ratio;
        Vector256<float> p = Vector256.Create(0.002766283501f);
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(-0.01573124912f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(0.04213762359f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(-0.07456854826f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(0.1061837064f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(-0.1419779779f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(0.1999187203f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(-0.3333303671f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(0.9999999818f)) * ratio;
        p = Vector256.ConditionalSelect(steep, Vector256.Create((float)(Math.PI / 2)) - p, p);
        p = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), Vector256.Create((float)Math.PI) - p, p);
        return p | y & Vector256.Create(-0f);
    }

    // Sine and cosine of r + quadrant * pi / 2, |r| up to pi / 4.
    private static (Vector256<float> Sin, Vector256<float> Cos) Turn(Vector256<float> r, Vector256<int> quadrant)
    {
        Vector256<float> square = r * r;
        Vector256<float> s = Vector256.FusedMultiplyAdd(Vector256.Create(-0.0001950390425f), square, Vector256.Create(0.008332035786f));
        s = Vector256.FusedMultiplyAdd(s, square, Vector256.Create(-0.1666665067f));
        s = Vector256.FusedMultiplyAdd(s * square, r, r);
        Vector256<float> c = Vector256.FusedMultiplyAdd(Vector256.Create(2.446378822e-5f), square, Vector256.Create(-0.001388758915f));
        c = Vector256.FusedMultiplyAdd(c, square, Vector256.Create(0.04166665064f));
        c = Vector256.FusedMultiplyAdd(c, square, Vector256.Create(-0.5f));
        c = Vector256.FusedMultiplyAdd(c, square, Vector256<float>.One);
        Vector256<float> odd = Vector256.Equals(quadrant & Vector256<int>.One, Vector256<int>.One).AsSingle();
        Vector256<float> sin = Vector256.ConditionalSelect(odd, c, s), cos = Vector256.ConditionalSelect(odd, s, c);
        Vector256<float> sinSign = ((quadrant & Vector256.Create(2)) << 30).AsSingle(), cosSign = (((quadrant + Vector256<int>.One) & Vector256.Create(2)) << 30).AsSingle();
        return (sin ^ sinSign, cos ^ cosSign);
    }
}
