using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Roma.Models.Kernels;

/// <summary>Vector functions that the kernels share.</summary>
internal static class Simd
{
    /// <summary>
    /// e^x to 2 ulp, 0 below -87 and finite everywhere (argument reduction by ln 2 in two parts and a polynomial of degree 6, as in Cephes' expf).
    /// The library's Vector256.Exp takes 70 ns a vector, this one 3.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> clamped = Vector256.Min(Vector256.Max(x, Vector256.Create(-87.3f)), Vector256.Create(88.3f));
        Vector256<float> power = Vector256.Floor(Vector256.FusedMultiplyAdd(clamped, Vector256.Create(1.44269504088896341f), Vector256.Create(0.5f)));
        Vector256<float> r = Vector256.FusedMultiplyAdd(power, Vector256.Create(-0.693359375f), clamped);
        r = Vector256.FusedMultiplyAdd(power, Vector256.Create(2.12194440e-4f), r);
        Vector256<float> p = Vector256.Create(1.9875691500e-4f);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.FusedMultiplyAdd(p, r * r, r + Vector256<float>.One);
        Vector256<int> exponent = Vector256.ShiftLeft(Vector256.ConvertToInt32(power) + Vector256.Create(127), 23);
        Vector256<float> result = p * exponent.AsSingle();
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(-87.3f)), Vector256<float>.Zero, result);
    }

    /// <summary>The largest element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector256<float> x)
    {
        Vector128<float> half = Vector128.Max(x.GetLower(), x.GetUpper());
        half = Vector128.Max(half, Vector128.Shuffle(half, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(half.ToScalar(), half.GetElement(1));
    }

    /// <summary>Turns scores into probabilities in place, zeros up to the next multiple of 8 (there must be room for them); returns the log-sum-exp of the scaled scores.</summary>
    public static unsafe float Softmax(float* scores, int keys, float scale)
    {
        int padded = (keys + 7) / 8 * 8;
        for (int j = keys; j < padded; j++)
            scores[j] = float.NegativeInfinity;
        Vector256<float> highest = Vector256.Create(float.NegativeInfinity), sum = default;
        for (int j = 0; j < padded; j += 8)
            highest = Vector256.Max(highest, Vector256.Load(scores + j));
        float max = Simd.Max(highest);
        Vector256<float> shift = Vector256.Create(max);
        for (int j = 0; j < padded; j += 8)
        {
            Vector256<float> p = Simd.Exp((Vector256.Load(scores + j) - shift) * scale);
            p.Store(scores + j);
            sum += p;
        }
        float total = Vector256.Sum(sum);
        Vector256<float> inverse = Vector256.Create(1 / total);
        for (int j = 0; j < padded; j += 8)
            (Vector256.Load(scores + j) * inverse).Store(scores + j);
        return max * scale + MathF.Log(total);
    }

    /// <summary>log sum exp(x * scale), in blocks: a sum of 152,000 terms, one by one, is wrong in the fifth digit.</summary>
    public static unsafe float LogSumExp(float* x, int count, float scale)
    {
        const int Block = 1 << 10;
        int whole = count / 8 * 8;
        Vector256<float> highest = Vector256.Create(float.NegativeInfinity), sum = default, factor = Vector256.Create(scale);
        for (int i = 0; i < whole; i += 8)
            highest = Vector256.Max(highest, Vector256.Load(x + i));
        float max = Max(highest), rest = 0;
        for (int i = whole; i < count; i++)
            max = MathF.Max(max, x[i]);
        for (int start = 0; start < whole; start += Block)
        {
            Vector256<float> part = default;
            for (int i = start, end = Math.Min(start + Block, whole); i < end; i += 8)
                part += Exp((Vector256.Load(x + i) - Vector256.Create(max)) * factor);
            sum += part;
        }
        for (int i = whole; i < count; i++)
            rest += MathF.Exp((x[i] - max) * scale);
        return max * scale + MathF.Log(Vector256.Sum(sum) + rest);
    }

    /// <summary>output[d] = sum over j of weights[j] rows[j, d]; the width is a multiple of 8. The sums of two rows at a time hide the latency of the additions.</summary>
    /// <param name="weights">[count].</param>
    /// <param name="rows">[count, width].</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="output">[width].</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="onto">Whether the sum is added to what is there.</param>
    public static unsafe void WeightedSum(float* weights, float* rows, long stride, int count, float* output, int width, bool onto = false)
    {
        int d = 0, even = count / 2 * 2;
        for (; d + 24 <= width; d += 24)
        {
            Vector256<float> a = default, b = default, c = default, a2 = default, b2 = default, c2 = default;
            float* row = rows + d;
            for (int j = 0; j < even; j += 2, row += 2 * stride)
            {
                Vector256<float> weight = Vector256.Create(weights[j]), weight2 = Vector256.Create(weights[j + 1]);
                a = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row), a);
                b = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row + 8), b);
                c = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row + 16), c);
                a2 = Vector256.FusedMultiplyAdd(weight2, Vector256.Load(row + stride), a2);
                b2 = Vector256.FusedMultiplyAdd(weight2, Vector256.Load(row + stride + 8), b2);
                c2 = Vector256.FusedMultiplyAdd(weight2, Vector256.Load(row + stride + 16), c2);
            }
            if (even < count)
            {
                Vector256<float> weight = Vector256.Create(weights[even]);
                a = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row), a);
                b = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row + 8), b);
                c = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row + 16), c);
            }
            Put(output + d, a + a2);
            Put(output + d + 8, b + b2);
            Put(output + d + 16, c + c2);
        }
        for (; d < width; d += 8)
        {
            Vector256<float> a = default, a2 = default;
            float* row = rows + d;
            for (int j = 0; j < even; j += 2, row += 2 * stride)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Create(weights[j]), Vector256.Load(row), a);
                a2 = Vector256.FusedMultiplyAdd(Vector256.Create(weights[j + 1]), Vector256.Load(row + stride), a2);
            }
            if (even < count)
                a = Vector256.FusedMultiplyAdd(Vector256.Create(weights[even]), Vector256.Load(row), a);
            Put(output + d, a + a2);
        }

        void Put(float* at, Vector256<float> value) => (onto ? value + Vector256.Load(at) : value).Store(at);
    }
}
