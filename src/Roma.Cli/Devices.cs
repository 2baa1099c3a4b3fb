using System.Text.RegularExpressions;
using Roma.Core;
using TorchSharp;

namespace Roma.Cli;

/// <summary>The devices a user can name.</summary>
internal static partial class Devices
{
    /// <summary>The device of a name: cpu, cuda, cuda:N.</summary>
    /// <exception cref="RomaException">There is no such device here.</exception>
    public static torch.Device Parse(string name)
    {
        if (name == "cpu")
            return torch.CPU;
        if (!Cuda().IsMatch(name))
            throw new RomaException($"There is no device '{name}'.", "Name cpu, cuda or cuda:N.");
        if (!torch.cuda.is_available())
            throw new RomaException($"The device {name} is not available: this libtorch sees no CUDA.", "Build with -p:TorchBackend=cuda, or set ROMA_LIBTORCH to the lib folder of a CUDA PyTorch.");
        return torch.device(name);
    }

    [GeneratedRegex("^cuda(:[0-9]{1,3})?$")]
    private static partial Regex Cuda();
}
