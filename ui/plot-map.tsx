/** A surveyor's plan of plots, the picture of the brand: one land, many holdings, one of them lit. Decorative. */
export function PlotMap({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 800 1000" preserveAspectRatio="xMidYMid slice" aria-hidden="true" className={className}>
      <defs>
        <linearGradient id="plot-fade" x1="0" y1="0" x2="0" y2="1">
          <stop offset=".45" stopColor="black" stopOpacity="0" />
          <stop offset="1" stopColor="black" stopOpacity=".55" />
        </linearGradient>
      </defs>
      <g fill="none" stroke="oklch(0.8 0.09 196)" strokeLinejoin="round">
        <g strokeWidth="9" opacity=".09">
          <path d="M-20 250 310 190 560 240 830 170M310 190 350 520 300 1020M350 520 830 470M-20 640 330 690M560 240 590 495 640 1020" />
        </g>
        <g strokeWidth="1.25" opacity=".42">
          <path d="M-20 246 308 186 560 236 830 166M-20 254 306 195 344 516-20 560M316 195 354 514 586 490 556 244ZM564 244 594 489 830 464V178ZM342 526-20 568V636l346 50ZM-20 644 326 694 296 1020M354 526 310 1020M354 524 588 500 634 1020M598 498 830 474M648 1020 598 498" />
          <path d="M80 236 108 544M196 214 228 530M58 390 330 360M430 208 470 502M332 350 572 330M660 220 690 478M575 350 830 316M120 556 104 652M230 544 222 674M342 610 606 590M460 515 490 1020M332 780 616 756M318 900 626 884M608 610 830 580M720 484 770 1020M620 740 830 716M636 880 830 868M40 654 20 1020M170 674 140 1020M-20 800 318 830" />
          <path d="M308 186 240-20M560 236 600-20M430 208 420-20M700 200 720-20M120 228 90-20M-20 110 278 90 576 120 830 70" />
        </g>
      </g>
      <path d="M354 514 335 355 451 344 470 502Z" fill="oklch(0.8 0.11 194)" opacity=".2" />
      <path
        d="M354 514 335 355 451 344 470 502Z"
        fill="none"
        stroke="oklch(0.88 0.1 192)"
        strokeWidth="2.5"
        strokeLinejoin="round"
      />
      <g fill="oklch(0.9 0.1 192)">
        <circle cx="354" cy="514" r="5" />
        <circle cx="335" cy="355" r="5" />
        <circle cx="451" cy="344" r="5" />
        <circle cx="470" cy="502" r="5" />
      </g>
      <rect width="800" height="1000" fill="url(#plot-fade)" />
    </svg>
  )
}
