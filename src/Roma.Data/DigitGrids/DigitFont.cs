using System.Numerics;

namespace Roma.Data;

/// <summary>A font of lines: each digit is a few polylines in the unit square, y downwards.</summary>
internal static class DigitFont
{
    /// <summary>The strokes of the digits 0 to 9.</summary>
    public static readonly Vector2[][][] Digits =
    [
        [Arc(.5f, .5f, .5f, .5f, 0, 360)],
        [[new(.15f, .28f), new(.55f, 0), new(.55f, 1)]],
        [[.. Arc(.5f, .29f, .48f, .29f, 195, 395), new(0, 1), new(1, 1)]],
        [[.. Arc(.46f, .26f, .44f, .26f, 205, 440), new(.35f, .49f)], [new(.35f, .49f), .. Arc(.46f, .74f, .52f, .26f, 285, 515)]],
        [[new(.74f, 1), new(.74f, 0), new(0, .68f), new(1, .68f)]],
        [[new(.92f, 0), new(.14f, 0), new(.08f, .46f), .. Arc(.46f, .68f, .52f, .32f, 235, 505)]],
        [[new(.82f, 0), new(.5f, .12f), new(.2f, .34f), new(.04f, .56f), .. Arc(.5f, .68f, .5f, .32f, 180, 540)]],
        [[new(0, 0), new(1, 0), new(.62f, .46f), new(.38f, 1)]],
        [Arc(.5f, .24f, .42f, .24f, 0, 360), Arc(.5f, .74f, .5f, .26f, 0, 360)],
        [[new(.18f, 1), new(.5f, .88f), new(.8f, .66f), new(.96f, .44f), .. Arc(.5f, .32f, .5f, .32f, 0, 360)]],
    ];

    /// <summary>Part of an ellipse; 0 degrees points right, 90 down.</summary>
    private static Vector2[] Arc(float x, float y, float radiusX, float radiusY, float from, float to)
    {
        int pieces = (int)MathF.Ceiling((to - from) / 26);
        return [.. Enumerable.Range(0, pieces + 1).Select(i =>
        {
            (float sin, float cos) = MathF.SinCos((from + (to - from) * i / pieces) * (MathF.PI / 180));
            return new Vector2(x + radiusX * cos, y + radiusY * sin);
        })];
    }
}
