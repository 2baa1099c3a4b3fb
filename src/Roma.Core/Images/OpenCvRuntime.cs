using OpenCvSharp;
using Roma.Core.Native;

namespace Roma.Core;

/// <summary>Readies OpenCV. Roma works on many pictures at once, so OpenCV itself gets one thread.</summary>
public static class OpenCvRuntime
{
    private static volatile bool _ready;

    /// <summary>Call before the first use of OpenCV on any path; cheap afterwards.</summary>
    /// <exception cref="RomaException">The native library could not be loaded.</exception>
    public static void Require()
    {
        if (_ready)
            return;
        NativeLibraries.Require("OpenCvSharpExtern");
        Cv2.SetNumThreads(1);
        Cv2.SetLogLevel(LogLevel.SILENT); // faults are told by exceptions
        _ready = true;
    }
}
