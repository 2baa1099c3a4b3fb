using System.Reflection;
using Roma.Models;
using Roma.Models.Kernels;
using Roma.Training;
using TorchSharp;

namespace Roma.Tests.Models.Kernels;

public class ScalarsTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
    private readonly Dictionary<MethodBase, bool> _makers = [];

    [Fact]
    public void Nothing_makes_a_temporary_scalar_itself_or_by_what_it_calls_in_TorchSharp() =>
        Assert.Empty(new[] { typeof(VisionLanguageModel).Assembly, typeof(Trainer).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type != typeof(Scalars) && type.DeclaringType != typeof(Scalars)).SelectMany(Methods)
            .SelectMany(method => Calls(method).Where(call => IsConversion(call) || Makes(call)).Select(call => $"{method.DeclaringType}.{method.Name} calls {call.DeclaringType!.Name}.{call}")));

    [Fact]
    public void The_search_finds_them() => Assert.True(
        Methods(typeof(Careless)).SelectMany(Calls).Count(call => IsConversion(call) || Makes(call)) == 3);

    [Fact]
    public void A_number_is_made_once() => Assert.Same(Scalars.Of(0.25), Scalars.Of(0.25));

    private static bool IsConversion(MethodBase method) => method.Module.Assembly == typeof(Scalar).Assembly
        && (method.DeclaringType == typeof(Scalar) && (method.IsConstructor || method.Name == "op_Implicit") || method.Name == "ToScalar");

    private bool Makes(MethodBase method)
    {
        if (method.Module.Assembly != typeof(Scalar).Assembly || method.DeclaringType == typeof(Scalar))
            return false;
        if (!_makers.TryGetValue(method, out bool known))
        {
            _makers[method] = false; // for recursive ones
            _makers[method] = known = Calls(method).Any(call => IsConversion(call) || Makes(call));
        }
        return known;
    }

    private static IEnumerable<MethodBase> Methods(Type type) => type.GetMembers(Declared).OfType<MethodBase>();

    /// <summary>Every byte that may be a call is taken for one if a method stands behind it.</summary>
    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        const byte Call = 0x28, NewObject = 0x73, CallVirtual = 0x6F;
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null, own = method.IsGenericMethod ? method.GetGenericArguments() : null;
        var found = new HashSet<MethodBase>();
        for (int i = 0; i + 4 < code.Length; i++)
        {
            int token = BitConverter.ToInt32(code, i + 1);
            if (code[i] is not (Call or NewObject or CallVirtual) || token >>> 24 is not (0x06 or 0x0A or 0x2B))
                continue;
            try
            {
                if (method.Module.ResolveMethod(token, ofType, own) is { } call)
                    found.Add(call);
            }
            catch (Exception e) when (e is ArgumentException or BadImageFormatException)
            {
                // Not a call after all.
            }
        }
        return found;
    }

    private static class Careless
    {
        public static torch.Tensor Shift(torch.Tensor x) => x * 0.5;

        public static torch.Tensor Sum(torch.Tensor x, torch.Tensor y) => x + y;

        public static torch.Tensor Square(torch.Tensor x) => x.square();
    }
}
