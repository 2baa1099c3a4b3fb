namespace Roma.Core.Formats;

/// <summary>What a picture file declares, read without decoding it.</summary>
/// <param name="Width">Stored width, before any rotation.</param>
/// <param name="Height">Stored height.</param>
/// <param name="Orientation">EXIF's number, 1 to 8, of how the stored picture is to be turned; 1 is upright.</param>
internal readonly record struct ImageHeader(long Width, long Height, int Orientation = 1);
