/** How services fare, with the real services behind it. */
import { useClock } from '../clock.ts';
import { ServicesPage } from './services-page.tsx';
import { useServices } from './use-services.ts';

export function LiveServices({ token }: { token: string }) {
  useClock();
  const { value, problem } = useServices(token);
  return <ServicesPage known={value} problem={problem} />;
}
