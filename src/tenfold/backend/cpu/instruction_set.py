"""The instruction set that LLVM compiles for, which need not be all that the processor has.

``NUMBA_CPU_NAME`` and ``NUMBA_CPU_FEATURES`` tell LLVM to compile for another one, so the flags of the
processor do not say how wide a register is. LLVM does: it translates a probe, and the assembly shows.
"""

from __future__ import annotations

import platform
from functools import cache
from typing import NamedTuple

from llvmlite import binding, ir
from numba.core.registry import cpu_target


class InstructionSet(NamedTuple):
    """What the kernels need to know of it.

    Attributes
    ----------
    cpu : str
        The processor by LLVM's name.
    lanes : int
        How many float32 one vector register holds.
    accumulators : int
        How many registers may hold sums, so that enough are left for the factors.
    fused : bool
        Whether ``a * b + c`` is one instruction, which rounds once.
    """

    cpu: str
    lanes: int
    accumulators: int
    fused: bool

    @property
    def name(self) -> str:
        """The vector instructions, as processors name them."""
        if self.lanes == 16:
            return "AVX-512"
        if self.lanes == 8:
            return "AVX2" if self.fused else "AVX"
        return "NEON" if platform.machine().lower() in ("aarch64", "arm64") else "SSE"


@cache
def instruction_set() -> InstructionSet:
    """Return the instruction set that compiled code uses in this process."""
    triple, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    code = _probe(cpu, features)
    fused = "fmaf" not in code  # the C library's function, called where there is no instruction
    if "zmm" in code:
        return InstructionSet(cpu, 16, 24, fused)
    if "ymm" in code:
        return InstructionSet(cpu, 8, 12, fused)
    many = triple.startswith(("aarch64", "arm64"))  # 32 registers, where SSE has 16
    return InstructionSet(cpu, 4, 24 if many else 12, fused)


def _probe(cpu: str, features: str) -> str:
    """Return the assembly of ``a * b + c`` over 16 lanes, as many as the widest register has."""
    wide = ir.VectorType(ir.FloatType(), 16)
    kind = ir.FunctionType(wide, [wide] * 3)
    module = ir.Module()
    probe, fused = ir.Function(module, kind, "probe"), ir.Function(module, kind, "llvm.fma.v16f32")
    builder = ir.IRBuilder(probe.append_basic_block())
    builder.ret(builder.call(fused, probe.args))
    machine = binding.Target.from_default_triple().create_target_machine(cpu=cpu, features=features)
    assembly: str = machine.emit_assembly(binding.parse_assembly(str(module)))
    return assembly
