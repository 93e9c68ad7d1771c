// Multiplying tiles of 16-bit elements on compute capability 9.0: four warps as a group multiply 64 rows of A by all
// columns of B, both where they lie in shared memory (wgmma, of sm_90a), while the next tiles are being copied.
//
// Tiles lie in shared memory in the two layouts that wgmma reads without bank conflicts, which the PTX ISA calls
// "K-major with 128-byte swizzling" and "MN-major with 64-byte swizzling": rows of 64 along the depth, whose eight
// chunks of 16 bytes are exchanged by an exclusive or with the row's number; or panels of 32 rows, 64 deep, whose
// four chunks are exchanged by every other line's number.
#pragma once

#include "pipeline.cuh"

#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define WARPGROUPS

#ifdef __CUDACC__

// ---------------------------------------------------------------- what the emulator has functions of, too

#if defined(PRECISION_BF16)
#define WGMMA_TYPES "f32.bf16.bf16"
#else
#define WGMMA_TYPES "f32.f16.f16"
#endif

// Accesses by wgmma begin to see what this thread has written to shared memory.
__device__ __forceinline__ void showToTensorCores() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// The compiler is not to move what it does with a sum across this.
__device__ __forceinline__ void holdSum(float& sum) { asm volatile("" : "+f"(sum)::"memory"); }

// Between touching the sums and multiplying.
__device__ __forceinline__ void openGroup() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

// The multiplications since the last call become one group.
__device__ __forceinline__ void closeGroup() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

// Waits for all groups but the last PENDING.
template <int PENDING>
__device__ __forceinline__ void waitForGroups() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(PENDING) : "memory");
}

__device__ __forceinline__ unsigned sharedAddress(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }

// Eight sums of a thread: of 16 columns.
#define WGMMA_SUMS(j) \
  "+f"(c[j][0]), "+f"(c[j][1]), "+f"(c[j][2]), "+f"(c[j][3]), "+f"(c[j + 1][0]), "+f"(c[j + 1][1]), "+f"(c[j + 1][2]), \
      "+f"(c[j + 1][3])

// c += A * B, A of 64 rows and 16 deep, as descriptors say. Turned: the rows lie side by side.
template <bool TURNED_A, bool TURNED_B>
__device__ __forceinline__ void multiplyGroup(float (&c)[20][4], unsigned long long a, unsigned long long b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n160k16." WGMMA_TYPES " {"
      "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,"
      "%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31,%32,%33,%34,%35,%36,%37,%38,%39,"
      "%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,"
      "%60,%61,%62,%63,%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79"
      "}, %80, %81, 1, 1, 1, %82, %83;"
      : WGMMA_SUMS(0), WGMMA_SUMS(2), WGMMA_SUMS(4), WGMMA_SUMS(6), WGMMA_SUMS(8), WGMMA_SUMS(10), WGMMA_SUMS(12),
        WGMMA_SUMS(14), WGMMA_SUMS(16), WGMMA_SUMS(18)
      : "l"(a), "l"(b), "n"((int)TURNED_A), "n"((int)TURNED_B));
}

template <bool TURNED_A, bool TURNED_B>
__device__ __forceinline__ void multiplyGroup(float (&c)[32][4], unsigned long long a, unsigned long long b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n256k16." WGMMA_TYPES " {"
      "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,"
      "%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31,%32,%33,%34,%35,%36,%37,%38,%39,"
      "%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,"
      "%60,%61,%62,%63,%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,"
      "%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95,%96,%97,%98,%99,"
      "%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114,%115,%116,%117,%118,%119,"
      "%120,%121,%122,%123,%124,%125,%126,%127"
      "}, %128, %129, 1, 1, 1, %130, %131;"
      : WGMMA_SUMS(0), WGMMA_SUMS(2), WGMMA_SUMS(4), WGMMA_SUMS(6), WGMMA_SUMS(8), WGMMA_SUMS(10), WGMMA_SUMS(12),
        WGMMA_SUMS(14), WGMMA_SUMS(16), WGMMA_SUMS(18), WGMMA_SUMS(20), WGMMA_SUMS(22), WGMMA_SUMS(24),
        WGMMA_SUMS(26), WGMMA_SUMS(28), WGMMA_SUMS(30)
      : "l"(a), "l"(b), "n"((int)TURNED_A), "n"((int)TURNED_B));
}

// A barrier in shared memory, of one thread that arrives and of bytes that are expected.
__device__ __forceinline__ void initBarrier(unsigned long long& barrier) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(sharedAddress(&barrier)) : "memory");
}

// What copies bulk begins to see barriers of this thread.
__device__ __forceinline__ void showBarriers() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

// Arrives, and has the barrier wait for so many bytes.
__device__ __forceinline__ void expectBytes(unsigned long long& barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(sharedAddress(&barrier)), "r"(bytes)
               : "memory");
}

// Begins to copy the box at (x, y) of a matrix, zeros where it leaves it, of which the barrier is told.
__device__ __forceinline__ void copyBox(
    void* to, const TensorMap& map, int x, int y, unsigned long long& barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::"r"(
          sharedAddress(to)),
      "l"(&map), "r"(x), "r"(y), "r"(sharedAddress(&barrier))
      : "memory");
}

// Waits for the barrier's turn of this parity: 0 for the first, 1 for the second, and so on in turn.
__device__ __forceinline__ void waitForBytes(unsigned long long& barrier, int parity) {
  unsigned done;
  do {
    asm volatile(
        "{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}"
        : "=r"(done)
        : "r"(sharedAddress(&barrier)), "r"(parity)
        : "memory");
  } while (!done);
}

#endif  // otherwise the emulator's

template <bool FIRST, class A, class B>
struct Choice {
  using Type = A;
};
template <class A, class B>
struct Choice<false, A, B> {
  using Type = B;
};
template <bool FIRST, class A, class B>
using Either = typename Choice<FIRST, A, B>::Type;

// ROWS x COLUMNS results by a group of four warps for each 64 rows.
template <int ROWS_, int COLUMNS_, bool BULK = false>
struct Warpgroups {
  static constexpr int ROWS = ROWS_;
  static constexpr int COLUMNS = COLUMNS_;
  static constexpr int GROUP_ROWS = 64;
  static constexpr int DEPTH = 64;
  static constexpr int THREADS = ROWS / GROUP_ROWS * 4 * WARP;
  static constexpr int STAGES = 4;
  static constexpr bool WHOLE = true;  // of A and B all chunks are there at a multiple of 16 bytes, or not at all
  static constexpr int WARP_ROWS = 16;
  static constexpr int WARP_COLUMNS = COLUMNS;
  static constexpr int ROW_STEPS = 1;
  static constexpr int COLUMN_STEPS = COLUMNS / 8;

  static constexpr int STAGE = (ROWS + COLUMNS) * DEPTH;
  static constexpr int OUT_STRIDE = WARP_COLUMNS + PACKED;
  struct alignas(1024) Plain {
    Element elements[STAGES * STAGE];  // Tiling.java says how many bytes
  };
  struct alignas(1024) WithBarriers {
    Element elements[STAGES * STAGE];
    unsigned long long arrived[STAGES];
  };
  using Shared = Either<BULK, WithBarriers, Plain>;
  static_assert(THREADS / WARP * WARP_ROWS * OUT_STRIDE <= STAGES * STAGE, "results leave through shared memory");
  using Grouped = void;

  static constexpr int PANEL = 32;  // rows
  static constexpr int PANEL_CHUNKS = PANEL / PACKED;

  template <bool ALONG_DEPTH, int ACROSS>
  __device__ __forceinline__ static int offset(int line, int chunk) {
    return ALONG_DEPTH ? line * DEPTH + (chunk ^ (line & 7)) * PACKED
                       : chunk / PANEL_CHUNKS * PANEL * DEPTH + line * PANEL +
                             (chunk % PANEL_CHUNKS ^ (line >> 1 & 3)) * PACKED;
  }

  // The matrix descriptor of 16 deep of a tile, from a row that is a multiple of GROUP_ROWS.
  template <bool ALONG_DEPTH>
  __device__ __forceinline__ static unsigned long long descriptor(const Element* tile, int row, int depth) {
    constexpr int SIZE = (int)sizeof(Element);
    // From eight rows, or eight lines of a panel, to the next; and from a panel to the next.
    constexpr unsigned long long NEXT = 8 * (ALONG_DEPTH ? DEPTH : PANEL) * SIZE / 16;
    constexpr unsigned long long NEXT_PANEL = ALONG_DEPTH ? 1 : PANEL * DEPTH * SIZE / 16;
    constexpr unsigned long long SWIZZLE = ALONG_DEPTH ? 1 : 2;
    unsigned start = sharedAddress(tile + row * DEPTH + (ALONG_DEPTH ? depth : depth * PANEL));
    return SWIZZLE << 62 | NEXT << 32 | NEXT_PANEL << 16 | (start & 0x3ffffu) / 16;
  }
};

template <int STEPS>
__device__ __forceinline__ void holdSums(float (&sums)[STEPS][4]) {
#pragma unroll
  for (int j = 0; j < STEPS; j++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      holdSum(sums[j][e]);
    }
  }
}

// A matrix whose elements lie side by side along the rows, as AlongRows, brought in boxes of a panel each.
struct Boxes {
  static constexpr bool ALONG_DEPTH = false;
  static constexpr bool whole = true;
  const TensorMap& map;
};

// Brings the tiles of B, and knows when they are there.
template <class Tile, class B>
struct Columns {
  Stage<Tile, B, Tile::COLUMNS> stage;

  __device__ __forceinline__ Columns(const B& b, int column, typename Tile::Shared&) : stage(b, column) {}

  __device__ __forceinline__ void copy(Element* to, int depth, int) const { stage.copy(to, depth); }

  __device__ __forceinline__ void wait(int, int) const {}
};

template <class Tile>
struct Columns<Tile, Boxes> {
  const Boxes& b;
  int column;
  typename Tile::Shared& shared;

  __device__ __forceinline__ Columns(const Boxes& b, int column, typename Tile::Shared& shared)
      : b(b), column(column), shared(shared) {
    if (threadIdx.x == 0) {
#pragma unroll
      for (int i = 0; i < Tile::STAGES; i++) {
        initBarrier(shared.arrived[i]);
      }
      showBarriers();
      showToTensorCores();
    }
    __syncthreads();
  }

  // By one thread, for all.
  __device__ __forceinline__ void copy(Element* to, int depth, int place) const {
    if (threadIdx.x == 0) {
      expectBytes(shared.arrived[place], Tile::COLUMNS * Tile::DEPTH * (int)sizeof(Element));
#pragma unroll
      for (int i = 0; i < Tile::COLUMNS; i += Tile::PANEL) {
        copyBox(to + i * Tile::DEPTH, b.map, column + i, depth, shared.arrived[place]);
      }
    }
  }

  // turn counts how often the place has been used before.
  __device__ __forceinline__ void wait(int place, int turn) const { waitForBytes(shared.arrived[place], turn & 1); }
};

// The tile of results that begins at (row, column), summed over the depths from ... to - 1; from is a
// multiple of DEPTH, and so is to unless it is where A and B end.
template <class Tile, class A, class B>
__device__ __forceinline__ typename Tile::Grouped multiply(
    const A& a, const B& b, const Matrix& out, int row, int column, int from, int to) {
  static_assert(!IS_MODULATED<A>, "what wgmma multiplies it reads from shared memory as it was copied");
  using Shared = typename Tile::Shared;
  using StageA = Stage<Tile, A, Tile::ROWS>;
  SHARED_AT_LAUNCH(Shared, shared);
  if (!a.whole || !b.whole) {
    __trap();
  }
  StageA stageA(a, row);
  Columns<Tile, B> columns(b, column, shared);
  int groupRow = (int)threadIdx.x / (4 * WARP) * Tile::GROUP_ROWS;
  float sums[1][Tile::COLUMN_STEPS][4];
#pragma unroll
  for (int j = 0; j < Tile::COLUMN_STEPS; j++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      sums[0][j][e] = 0.f;
    }
  }
  // Copies are two tiles ahead: of the four places one is being multiplied and one may still be.
  constexpr int AHEAD = Tile::STAGES - 2;
#pragma unroll
  for (int stage = 0; stage < AHEAD; stage++) {
    int depth = from + stage * Tile::DEPTH;
    if (depth < to) {
      stageA.copy(shared.elements + stage * Tile::STAGE, depth);
      columns.copy(shared.elements + stage * Tile::STAGE + Tile::ROWS * Tile::DEPTH, depth, stage);
    }
    closeCopies();
  }
  int current = 0;
  int turn = 0;
  for (int depth = from; depth < to; depth += Tile::DEPTH) {
    waitForCopies<AHEAD - 1>();
    columns.wait(current, turn);
    showToTensorCores();
    __syncthreads();
    const Element* tileA = shared.elements + current * Tile::STAGE;
    const Element* tileB = tileA + Tile::ROWS * Tile::DEPTH;
    holdSums(sums[0]);
    openGroup();
#pragma unroll
    for (int d = 0; d < Tile::DEPTH; d += 16) {
      multiplyGroup<!A::ALONG_DEPTH, !B::ALONG_DEPTH>(
          sums[0], Tile::template descriptor<A::ALONG_DEPTH>(tileA, groupRow, d),
          Tile::template descriptor<B::ALONG_DEPTH>(tileB, 0, d));
    }
    closeGroup();
    int ahead = depth + AHEAD * Tile::DEPTH;
    if (ahead < to) {
      int place = (current + AHEAD) % Tile::STAGES;
      Element* filling = shared.elements + place * Tile::STAGE;
      stageA.copy(filling, ahead);
      columns.copy(filling + Tile::ROWS * Tile::DEPTH, ahead, place);
    }
    closeCopies();
    waitForGroups<1>();
    current = (current + 1) % Tile::STAGES;
    turn += current == 0;
  }
  waitForGroups<0>();
  holdSums(sums[0]);
  constexpr bool GATED = IS_GATED<B>;
  row += (int)threadIdx.x / WARP * Tile::WARP_ROWS;
  finish<Tile, GATED>(out, sums, shared.elements, row, column / (GATED ? 2 : 1));
}

using WarpgroupsLarge = Warpgroups<128, 256>;
using WarpgroupsMedium = Warpgroups<128, 160>;
using WarpgroupsSmall = Warpgroups<64, 160>;
using BulkLarge = Warpgroups<128, 256, true>;
using BulkMedium = Warpgroups<128, 160, true>;
using BulkSmall = Warpgroups<64, 160, true>;

#endif
